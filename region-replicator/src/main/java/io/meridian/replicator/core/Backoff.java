package io.meridian.replicator.core;

import java.time.Duration;

/**
 * Exponential waiting between attempts, with jitter so that the regions that lost one peer don't all return to it at once.
 *
 * @param first the longest wait after the first failure
 * @param longest the longest wait at all
 */
public record Backoff(Duration first, Duration longest) {
    private static final int MAX_DOUBLINGS = 20;

    public Backoff {
        if (first.toMillis() < 1 || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "backoff must be at least 1 ms and must not shrink: " + first + " to " + longest);
        }
    }

    /**
     * Between half of the exponential wait and all of it.
     *
     * @param failures in a row, at least 1
     * @param jitter in [0, 1)
     */
    public long delayMillis(int failures, double jitter) {
        long exponential = first.toMillis() << Math.clamp(failures - 1L, 0, MAX_DOUBLINGS);
        long full = Math.min(exponential, longest.toMillis());
        return full / 2 + Math.round(jitter * (full - full / 2));
    }
}
