package io.meridian.e2e;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits on conditions with a deadline. */
final class Await {
    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

    private Await() {}

    @FunctionalInterface
    interface Condition {
        boolean holds() throws Exception;
    }

    /** Throws an AssertionError that says {@code what} if it does not hold within {@code limit}; what {@code condition} throws counts as no. */
    static void until(String what, Duration limit, Condition condition) {
        until(() -> what, limit, condition);
    }

    /** {@code what} is asked when the time is up. */
    static void until(Supplier<String> what, Duration limit, Condition condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        Throwable last = null;
        do {
            try {
                if (condition.holds()) {
                    return;
                }
                last = null;
            } catch (Exception | AssertionError e) {
                last = e;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        } while (System.nanoTime() < deadline);
        throw new AssertionError("not within " + limit + ": " + what.get(), last);
    }
}
