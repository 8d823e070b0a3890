package io.meridian.chaos.simulation;

import java.time.Instant;

/** A region's two clocks: one that never goes back and runs a little fast or slow, and one on the wall that may be wrong and may jump. */
final class Clock {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final Scheduler scheduler;
    private final long originMillis;
    private final double speed;
    private long wallErrorMillis;

    Clock(Scheduler scheduler, long originMillis, double speed, long wallErrorMillis) {
        this.scheduler = scheduler;
        this.originMillis = originMillis;
        this.speed = speed;
        this.wallErrorMillis = wallErrorMillis;
    }

    long monotonicMillis() {
        return originMillis + (long) (scheduler.nowMillis() * speed);
    }

    Instant wall() {
        return START.plusMillis(scheduler.nowMillis() + wallErrorMillis);
    }

    /** Somebody sets the wall clock. */
    void jump(long millis) {
        wallErrorMillis += millis;
    }
}
