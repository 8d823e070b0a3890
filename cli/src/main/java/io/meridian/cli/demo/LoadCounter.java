package io.meridian.cli.demo;

import java.time.Duration;

/** What was done, altogether and since the last look. Thread-safe. */
final class LoadCounter {
    /** @param longest zero if there was none */
    record Count(long done, long failed, Duration longest) {
        static final Count NONE = new Count(0, 0, Duration.ZERO);

        private Count plus(Duration took, boolean fine) {
            return new Count(done + 1, failed + (fine ? 0 : 1), took.compareTo(longest) > 0 ? took : longest);
        }
    }

    private Count total = Count.NONE;
    private Count recent = Count.NONE;

    synchronized void add(Duration took, boolean fine) {
        total = total.plus(took, fine);
        recent = recent.plus(took, fine);
    }

    synchronized Count total() {
        return total;
    }

    /** Since it was called last. */
    synchronized Count recent() {
        Count count = recent;
        recent = Count.NONE;
        return count;
    }
}
