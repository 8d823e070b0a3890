package io.meridian.chaos.client;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A thread that does one thing after the other until it is told to stop; what is under way then comes to its end. */
public abstract class Loop {
    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile @Nullable Throwable failure;

    Loop(String name) {
        thread = Thread.ofVirtual().name(name).unstarted(this::run);
    }

    public final void start() {
        thread.start();
    }

    /** One step; the pause that follows it is the answer. */
    abstract Duration step() throws InterruptedException;

    private void run() {
        try {
            while (!stopped()) {
                pause(step());
            }
        } catch (InterruptedException e) {
            // Only the end of the JVM does that.
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    final boolean stopped() {
        return stop.getCount() == 0;
    }

    /** Shorter if it is to stop. */
    final void pause(Duration time) throws InterruptedException {
        boolean _ = stop.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** No further step; does not wait. */
    public final void stop() {
        stop.countDown();
    }

    /** @throws IllegalStateException if it did not end within {@code limit}, or failed for a reason of its own */
    public final void join(Duration limit) throws InterruptedException {
        if (!thread.join(limit)) {
            throw new IllegalStateException(thread.getName() + " did not end within " + limit);
        }
        Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException(thread.getName() + " failed: " + cause, cause);
        }
    }
}
