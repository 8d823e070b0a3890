package io.meridian.model.inventory;

/**
 * Stamps of a hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014) as a pure function: milliseconds since 1970 in the
 * upper 48 bits, a counter in the lower 16. They grow even where the wall clock stands still or goes back.
 */
public final class HybridClock {
    private static final int COUNTER_BITS = 16;

    private HybridClock() {}

    /**
     * The stamp after {@code last}: larger than it, and not behind the wall clock.
     *
     * @param last the largest stamp that this region gave or saw; 0 if none
     * @param wallMillis since 1970
     */
    public static long next(long last, long wallMillis) {
        // A counter that overflows runs into the milliseconds, which only makes the stamp run ahead of the wall clock.
        return Math.max(last + 1, wallMillis << COUNTER_BITS);
    }

    public static long millis(long stamp) {
        return stamp >>> COUNTER_BITS;
    }
}
