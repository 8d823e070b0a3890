package io.meridian.gateway.internal.ads;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A thread that owns the streams assigned to it. */
final class StreamLoop implements Executor, AutoCloseable {
    private static final ThreadLocal<StreamLoop> CURRENT = new ThreadLocal<>();

    private final ScheduledThreadPoolExecutor executor;

    StreamLoop(int number) {
        executor = new ScheduledThreadPoolExecutor(
                1,
                task -> Thread.ofPlatform().name("xds-loop-" + number).daemon().unstarted(() -> {
                    CURRENT.set(this);
                    task.run();
                }));
        executor.setRemoveOnCancelPolicy(true);
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** The loop whose thread this is. */
    static StreamLoop current() {
        StreamLoop loop = CURRENT.get();
        if (loop == null) {
            throw new IllegalStateException("not on a stream loop: " + Thread.currentThread());
        }
        return loop;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(task);
    }

    ScheduledFuture<?> schedule(Runnable task, Duration delay) {
        return executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        executor.shutdown();
    }
}
