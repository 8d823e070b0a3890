package io.meridian.core.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one listener the current value when it changed, one call at a time and in order. What changes while it is in a call is told once, with the
 * value as it is then: a slow listener costs nobody memory.
 */
final class Watch<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    private final Supplier<T> current;
    private final Consumer<T> listener;
    private final Executor executor;
    /** Pokes not yet looked at; who raises it from zero runs. */
    private final AtomicInteger pokes = new AtomicInteger();

    private volatile boolean closed;
    /** Touched by the running call only; the pokes order the calls. */
    private @Nullable T told;

    Watch(Supplier<T> current, Consumer<T> listener, Executor executor) {
        this.current = current;
        this.listener = listener;
        this.executor = executor;
    }

    /** The value may have changed. Never blocks. */
    void poke() {
        if (closed || pokes.getAndIncrement() > 0) {
            return;
        }
        try {
            executor.execute(this::run);
        } catch (RejectedExecutionException e) {
            // The region is closing: nobody is told any more.
            closed = true;
        }
    }

    private void run() {
        int seen;
        do {
            seen = pokes.get();
            T value = current.get();
            if (!closed && !value.equals(told)) {
                told = value;
                try {
                    listener.accept(value);
                } catch (RuntimeException e) {
                    LOG.error("a listener failed; it will be told the next change: value={}", value, e);
                }
            }
        } while (pokes.addAndGet(-seen) > 0);
    }

    void close() {
        closed = true;
    }
}
