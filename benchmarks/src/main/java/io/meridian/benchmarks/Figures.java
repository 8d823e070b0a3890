package io.meridian.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/** Latencies of one run, in nanoseconds. Not thread-safe: each thread fills its own, then they are joined. */
final class Figures {
    private static final double NANOS_PER_MILLI = 1e6;

    private long[] nanos = new long[1024];
    private int size;

    void add(long elapsedNanos) {
        if (size == nanos.length) {
            nanos = Arrays.copyOf(nanos, size * 2);
        }
        nanos[size++] = elapsedNanos;
    }

    void addAll(Figures other) {
        for (int i = 0; i < other.size; i++) {
            add(other.nanos[i]);
        }
    }

    /** Each shorter by so much. */
    Figures minus(long elapsedNanos) {
        Figures result = new Figures();
        for (int i = 0; i < size; i++) {
            result.add(nanos[i] - elapsedNanos);
        }
        return result;
    }

    int count() {
        return size;
    }

    /** {@code share}: 0.5 for the median; 1 for the largest. 0 if there is nothing. */
    double millis(double share) {
        if (size == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOf(nanos, size);
        Arrays.sort(sorted);
        int index = (int) Math.ceil(share * size) - 1;
        return sorted[Math.clamp(index, 0, size - 1)] / NANOS_PER_MILLI;
    }

    /** In whole milliseconds. */
    String brief() {
        return String.format(
                Locale.ROOT,
                "p50 %.0f ms, p99 %.0f ms, max %.0f ms (n=%d)",
                millis(0.5),
                millis(0.99),
                millis(1),
                size);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "n=%d p50=%.2fms p90=%.2fms p99=%.2fms max=%.2fms",
                size,
                millis(0.5),
                millis(0.9),
                millis(0.99),
                millis(1));
    }
}
