package io.meridian.persistence;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The rows of a journal as they are stored. Each call sees everything that was acknowledged before it; two calls may see two states. Blocks;
 * thread-safe.
 *
 * <p>All methods throw {@link LogDamagedException} if the rows cannot be read for what they are, {@link JournalUnavailableException} if the
 * database does not answer, IllegalStateException after {@link #close}.
 */
public interface JournalRows extends AutoCloseable {
    /**
     * One event. Not to be compared.
     *
     * @param manifest the form of the payload
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Row(long sequenceNumber, byte[] payload, String manifest) {}

    /** Is given rows one by one. */
    @FunctionalInterface
    interface Taker {
        /** Whether it wants more. */
        boolean take(Row row);
    }

    /** Events of one persistence id, ascending, from {@code first} to {@code last}, both included; those that are missing are left out. */
    void events(String persistenceId, long first, long last, Taker taker);

    /** The event with the highest sequence number. */
    Optional<Row> last(String persistenceId);

    /** The payload of the newest snapshot at or before a sequence number. */
    Optional<byte[]> snapshot(String persistenceId, long sequenceNumber);

    /** All that events were ever stored for, in any order. */
    List<String> persistenceIds();

    /** A place such that {@link #changedSince} finds everything that is not committed yet. */
    long commitMark();

    /** The persistence ids with commits behind a mark, whichever process made them; perhaps more. */
    Set<String> changedSince(long mark);

    @Override
    void close();
}
