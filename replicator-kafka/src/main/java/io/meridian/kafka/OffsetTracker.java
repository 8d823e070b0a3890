package io.meridian.kafka;

import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Which offset of one partition may be committed: the one behind which nothing is waited for. Records are done with in any order. Thread-safe.
 */
final class OffsetTracker {
    private final TreeSet<Long> waiting = new TreeSet<>();
    private long next;
    private long committed;

    /** {@code next}: the offset that will be read first, as it is committed. */
    OffsetTracker(long next) {
        this.next = next;
        committed = next;
    }

    synchronized void read(long offset) {
        waiting.add(offset);
        next = offset + 1;
    }

    synchronized void done(long offset) {
        waiting.remove(offset);
    }

    /** Behind all that was read. */
    synchronized long next() {
        return next;
    }

    synchronized int waiting() {
        return waiting.size();
    }

    /** What to commit now; empty if that is committed already. It counts as committed from now on. */
    synchronized OptionalLong take() {
        long behind = waiting.isEmpty() ? next : waiting.first();
        if (behind <= committed) {
            return OptionalLong.empty();
        }
        committed = behind;
        return OptionalLong.of(behind);
    }
}
