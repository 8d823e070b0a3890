package io.meridian.core.internal;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The threads that read the journal: as many as there are connections, since its calls hold their thread. Reads wait in a bounded queue;
 * beyond it they fail at once. Thread-safe.
 */
final class BlockingReads implements Executor, AutoCloseable {
    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final ThreadPoolExecutor threads;

    BlockingReads(int count, int maxWaiting) {
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(maxWaiting),
                task -> Thread.ofPlatform()
                        .name("meridian-log-read-" + number.incrementAndGet())
                        .daemon()
                        .unstarted(task));
    }

    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }

    <T> CompletableFuture<T> supply(Supplier<T> read) {
        try {
            return CompletableFuture.supplyAsync(read, threads);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new RejectedExecutionException(
                    threads.isShutdown() ? "the region is closing" : "too many reads are waiting", e));
        }
    }

    /** Ends what runs; gives it some seconds. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSING.toSeconds(), TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
