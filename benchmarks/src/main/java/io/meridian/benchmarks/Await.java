package io.meridian.benchmarks;

import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits on conditions, and gives up with an IllegalStateException. */
final class Await {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private Await() {}

    static void until(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > LIMIT_NANOS) {
                throw new IllegalStateException("waited for too long: " + what);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Until the call does not fail any more. */
    static void answered(String what, Runnable call) {
        until(
                what,
                () -> holds(() -> {
                    call.run();
                    return true;
                }));
    }

    /** False also where the call fails. */
    static boolean holds(BooleanSupplier call) {
        try {
            return call.getAsBoolean();
        } catch (StatusRuntimeException e) {
            return false;
        }
    }
}
