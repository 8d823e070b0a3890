package io.meridian.chaos.proxy;

import java.time.Duration;

/**
 * What happens to bytes that go one way through a {@link Link}.
 *
 * @param flow whether they pass at all
 * @param latency how long each of them is under way
 * @param jitter up to so much more for each piece; pieces never overtake each other
 * @param bytesPerSecond of each connection; 0 for no limit
 */
public record Traffic(Flow flow, Duration latency, Duration jitter, long bytesPerSecond) {
    public enum Flow {
        PASS,
        /**
         * As if each packet was lost on the way: what was sent waits, is delivered in order when the fault ends, and nobody is told
         * meanwhile, of the end of a connection no more than of its bytes.
         */
        HOLD,
        /**
         * What is sent meanwhile is lost for good, and silently: the connection looks alive. Such a connection is reset when the fault
         * ends.
         */
        SWALLOW
    }

    /** No fault. */
    public static final Traffic CLEAR = new Traffic(Flow.PASS, Duration.ZERO, Duration.ZERO, 0);

    public static final Traffic HELD = new Traffic(Flow.HOLD, Duration.ZERO, Duration.ZERO, 0);
    public static final Traffic SWALLOWED = new Traffic(Flow.SWALLOW, Duration.ZERO, Duration.ZERO, 0);

    public Traffic {
        if (latency.isNegative() || jitter.isNegative() || bytesPerSecond < 0) {
            throw new IllegalArgumentException("latency, jitter and bandwidth must not be negative");
        }
    }

    public static Traffic delayed(Duration latency, Duration jitter) {
        return new Traffic(Flow.PASS, latency, jitter, 0);
    }

    public static Traffic limited(long bytesPerSecond) {
        return new Traffic(Flow.PASS, Duration.ZERO, Duration.ZERO, bytesPerSecond);
    }
}
