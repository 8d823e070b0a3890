package io.meridian.persistence.internal.cassandra;

import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import io.meridian.persistence.JournalUnavailableException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The events of all logs. A batch is one conditional write: it stores its rows where none are, all or none, and that is what refuses a second writer.
 * Blocks; thread-safe.
 *
 * <p>A log is cut into partitions, and a batch stands whole in the partition of its first event: who goes on at the same place meets in the same partition,
 * where conditional writes have an order. A partition so holds {@value #PARTITION_EVENTS} events and the rest of a batch.
 *
 * <p>Before a batch its writer says durably how far it wants to write ("intent", see {@link IntentTable}): no event is ever stored beyond its log's intent.
 * The end of a log is found from there downwards.
 */
final class EventTable {
    static final int PARTITION_EVENTS = 5_000;
    /** Less than a partition, so that a batch ends in the next one at the latest. */
    static final int MAX_BATCH_EVENTS = 2_500;
    /** Partitions without a row after which a log counts as ended: the one before, the one where the event would be, one that was lost whole. */
    private static final int MAX_EMPTY_PARTITIONS = 3;

    private static final String INSERT = "INSERT INTO event_journal (persistence_id, partition_number, sequence_number,"
            + " writer, write_timestamp, adapter_manifest, event_ser_id, event_ser_manifest, event_payload)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS";
    private static final String SELECT = "SELECT sequence_number, writer, write_timestamp, adapter_manifest,"
            + " event_ser_id, event_ser_manifest, event_payload FROM event_journal"
            + " WHERE persistence_id = ? AND partition_number = ?";
    private static final String RANGE = SELECT + " AND sequence_number >= ? AND sequence_number <= ?";
    private static final String LAST = SELECT + " ORDER BY sequence_number DESC LIMIT 1";
    private static final String LAST_NUMBER = "SELECT sequence_number FROM event_journal"
            + " WHERE persistence_id = ? AND partition_number = ? ORDER BY sequence_number DESC LIMIT 1";
    private static final String WRITER = "SELECT writer FROM event_journal"
            + " WHERE persistence_id = ? AND partition_number = ? AND sequence_number = ?";

    /**
     * One event as Pekko's journals keep it.
     *
     * @param writer names one incarnation of a writer; no other ever has the name
     * @param writeTimestamp milliseconds since 1970
     */
    record Event(
            long sequenceNumber,
            String writer,
            long writeTimestamp,
            String adapterManifest,
            int serializerId,
            String manifest,
            ByteBuffer payload) {}

    private final CassandraSession session;
    private final IntentTable intents;

    EventTable(CassandraSession session) {
        this.session = session;
        intents = new IntentTable(session);
    }

    static long partition(long sequenceNumber) {
        return (sequenceNumber - 1) / PARTITION_EVENTS;
    }

    /**
     * Stores a batch, all or none; durable when it returns.
     *
     * @param events of one writer, without gaps, at least one
     * @throws IllegalStateException if another writer stored events there
     * @throws JournalUnavailableException if it is unknown whether they are stored, or will be
     */
    void append(String log, List<Event> events) {
        if (events.size() > MAX_BATCH_EVENTS) {
            throw new IllegalArgumentException("a batch of " + events.size() + " events for log " + log
                    + "; a journal in Cassandra takes " + MAX_BATCH_EVENTS + " at most");
        }
        Event first = events.getFirst();
        long partition = partition(first.sequenceNumber());
        intents.raise(log, events.getLast().sequenceNumber());
        List<BoundStatement> inserts = new ArrayList<>(events.size());
        for (Event event : events) {
            inserts.add(session.bind(
                    INSERT,
                    List.of(
                            log,
                            partition,
                            event.sequenceNumber(),
                            event.writer(),
                            event.writeTimestamp(),
                            event.adapterManifest(),
                            event.serializerId(),
                            event.manifest(),
                            event.payload())));
        }
        if (session.conditionally(inserts) != null && !isWrittenBy(first, log, partition)) {
            throw new IllegalStateException("another process of this region writes log " + log
                    + ": there are events already from sequence number " + first.sequenceNumber() + " to "
                    + events.getLast().sequenceNumber());
        }
    }

    /** A coordinator that tries again after a doubtful round finds what it had stored itself. A writer uses a sequence number once. */
    private boolean isWrittenBy(Event event, String log, long partition) {
        Row stored = session.oneSerial(WRITER, log, partition, event.sequenceNumber());
        return stored != null && event.writer().equals(stored.getString("writer"));
    }

    /** Events from {@code first} to {@code last}, both included, ascending, until {@code taker} wants no more; those that are missing are left out. */
    void read(String log, long first, long last, Predicate<Event> taker) {
        long[] next = {Math.max(first, 1)};
        boolean[] wanted = {true};
        long partition = partition(next[0]);
        if ((next[0] - 1) % PARTITION_EVENTS < MAX_BATCH_EVENTS && partition > 0) {
            // The batch that it is in may have begun before.
            partition--;
        }
        for (int empty = 0; wanted[0] && next[0] <= last && empty < MAX_EMPTY_PARTITIONS; partition++) {
            long before = next[0];
            session.read(RANGE, List.of(log, partition, next[0], last), row -> {
                next[0] = row.getLong("sequence_number") + 1;
                wanted[0] = taker.test(event(row));
                return wanted[0];
            });
            empty = next[0] == before ? empty + 1 : 0;
            if (last == Long.MAX_VALUE && partition >= partition(next[0])) {
                // Whoever wants all that there is gets it without a question for each partition that is not there yet.
                return;
            }
        }
    }

    /** The event with the highest sequence number. */
    @Nullable
    Event last(String log) {
        OptionalLong intent = intents.of(log);
        if (intent.isEmpty()) {
            return null;
        }
        for (long partition = partition(intent.getAsLong()); partition >= 0; partition--) {
            Row row = session.one(LAST, log, partition);
            if (row != null) {
                return event(row);
            }
        }
        return null;
    }

    /** The highest sequence number; 0 for none. {@code intent}: of the log. */
    long lastNumber(String log, long intent) {
        for (long partition = partition(intent); partition >= 0; partition--) {
            Row row = session.one(LAST_NUMBER, log, partition);
            if (row != null) {
                return row.getLong("sequence_number");
            }
        }
        return 0;
    }

    /**
     * The highest sequence number, 0 for none, after every write to the log that had reached the cluster was finished or will never happen: what a writer
     * goes on from. Whatever is still on its way goes to the partitions that are asked.
     */
    long lastNumberForWriting(String log) {
        OptionalLong intent = intents.of(log);
        if (intent.isEmpty()) {
            return 0;
        }
        for (long partition = partition(intent.getAsLong()); partition >= 0; partition--) {
            Row row = session.oneSerial(LAST_NUMBER, log, partition);
            if (row != null) {
                return row.getLong("sequence_number");
            }
        }
        return 0;
    }

    private static Event event(Row row) {
        return new Event(
                row.getLong("sequence_number"),
                text(row, "writer"),
                row.getLong("write_timestamp"),
                text(row, "adapter_manifest"),
                row.getInt("event_ser_id"),
                text(row, "event_ser_manifest"),
                bytes(row, "event_payload"));
    }

    static String text(Row row, String column) {
        String text = row.getString(column);
        return text == null ? "" : text;
    }

    /** Empty for a column without a value: then the row cannot be read for what it should be, and its reader says so. */
    static ByteBuffer bytes(Row row, String column) {
        ByteBuffer bytes = row.getByteBuffer(column);
        return bytes == null ? ByteBuffer.allocate(0) : bytes;
    }

    static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
