package io.meridian.replicator.internal;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks one after the other, in order, on a shared pool: what only they touch needs no lock. Thread-safe. Not bounded by itself;
 * what is put in is bounded by credits, by requests in flight and by the transport's flow control.
 */
final class SerialQueue implements Executor {
    private static final Logger log = LoggerFactory.getLogger(SerialQueue.class);
    /** After so many tasks another queue gets the thread. */
    private static final int FAIR_SHARE = 64;

    private final Executor pool;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();

    SerialQueue(Executor pool) {
        this.pool = pool;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (pending.getAndIncrement() == 0) {
            schedule();
        }
    }

    private void schedule() {
        try {
            pool.execute(this::drain);
        } catch (RejectedExecutionException e) {
            log.debug("task dropped reason=\"the replicator is closed\"");
        }
    }

    private void drain() {
        for (int done = 0; done < FAIR_SHARE; done++) {
            Runnable task = tasks.poll();
            if (task != null) {
                run(task);
            }
            if (pending.decrementAndGet() == 0) {
                return;
            }
        }
        schedule();
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.error("replication task failed", e);
        }
    }
}
