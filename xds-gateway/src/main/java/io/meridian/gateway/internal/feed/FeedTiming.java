package io.meridian.gateway.internal.feed;

import java.time.Duration;

/**
 * The follower's times.
 *
 * @param inventoryDebounce after a publish, how long changes of inventory wait for others; the first after a quiet time does not wait
 * @param configurationDebounce the same for changes of configuration
 * @param firstBackoff between attempts to reach the core, growing to {@code mostBackoff}, jittered
 * @param silenceLimit a feed that says nothing for so long counts as dead; the core reports progress every few seconds
 * @param copyInterval the disk takes what was appended to the local copy, or all of it is written anew, once in this time at most
 */
public record FeedTiming(
        Duration inventoryDebounce,
        Duration configurationDebounce,
        Duration firstBackoff,
        Duration mostBackoff,
        Duration silenceLimit,
        Duration copyInterval) {
    /** 2 ms, 10 ms, 100 ms to 5 s, 30 s, 2 s. */
    public static final FeedTiming DEFAULT = new FeedTiming(
            Duration.ofMillis(2),
            Duration.ofMillis(10),
            Duration.ofMillis(100),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(2));
}
