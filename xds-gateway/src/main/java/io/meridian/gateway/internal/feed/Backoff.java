package io.meridian.gateway.internal.feed;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Growing, jittered waits between attempts: half of a doubling step for certain, the other half at random. Confined to one thread. */
public final class Backoff {
    private static final int MAX_DOUBLINGS = 20;

    private final Duration first;
    private final Duration most;
    private final RandomGenerator random;
    private int failures;

    public Backoff(Duration first, Duration most, RandomGenerator random) {
        this.first = first;
        this.most = most;
        this.random = random;
    }

    public Duration next() {
        long step = Math.min(most.toMillis(), first.toMillis() << Math.min(failures, MAX_DOUBLINGS));
        failures++;
        return Duration.ofMillis(step / 2 + random.nextLong(step / 2 + 1));
    }

    public void reset() {
        failures = 0;
    }
}
