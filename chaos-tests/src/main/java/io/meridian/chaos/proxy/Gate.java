package io.meridian.chaos.proxy;

import io.meridian.chaos.proxy.Traffic.Flow;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The fault of one way of a link, shared by its connections. Thread-safe. */
final class Gate {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile Traffic traffic = Traffic.CLEAR;

    void set(Traffic next) {
        lock.lock();
        try {
            traffic = next;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    Traffic traffic() {
        return traffic;
    }

    boolean swallows() {
        return traffic.flow() == Flow.SWALLOW;
    }

    /** Returns when bytes may leave. */
    void awaitPassage() throws InterruptedException {
        if (traffic.flow() == Flow.PASS) {
            return;
        }
        lock.lockInterruptibly();
        try {
            while (traffic.flow() == Flow.HOLD) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** For how long a piece that arrives now is under way. */
    long delayNanos() {
        Traffic now = traffic;
        long jitter = now.jitter().toNanos();
        return now.latency().toNanos()
                + (jitter == 0 ? 0 : ThreadLocalRandom.current().nextLong(jitter));
    }
}
