package io.meridian.chaos.relay;

import io.meridian.chaos.relay.Disorder.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One way of one call: messages come in, and leave perhaps in another order and number. Thread-safe; what it calls is called by one thread at a time. */
final class Way {
    private static final class Held {
        private final byte[] message;
        /** How many messages have left when it leaves. */
        private final long due;

        private final long since;
        private final boolean copy;

        Held(byte[] message, long since, long due, boolean copy) {
            this.message = message;
            this.since = since;
            this.due = due;
            this.copy = copy;
        }
    }

    private final Disorder disorder;
    private final Supplier<@Nullable Kind> kind;
    private final long stream;
    private final ScheduledExecutorService timer;
    private final Consumer<byte[]> out;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as are those that follow. */
    private final List<Held> held = new ArrayList<>();

    private long left;
    private boolean ended;

    /**
     * @param kind asked at each message; null: it passes as it is
     * @param stream its number, from {@link Disorder#stream}
     */
    Way(
            Disorder disorder,
            Supplier<@Nullable Kind> kind,
            long stream,
            ScheduledExecutorService timer,
            Consumer<byte[]> out) {
        this.disorder = disorder;
        this.kind = kind;
        this.stream = stream;
        this.timer = timer;
        this.out = out;
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            if (!ended) {
                action.run();
            }
        } finally {
            lock.unlock();
        }
    }

    void take(byte[] message) {
        locked(() -> {
            Kind of = kind.get();
            if (of == null) {
                leave(message);
                return;
            }
            switch (disorder.fate()) {
                case PASS -> leave(message);
                case DOUBLE -> {
                    leave(message);
                    disorder.countDoubled();
                    leave(message);
                }
                case DOUBLE_LATER -> {
                    leave(message);
                    hold(message, true);
                }
                case HOLD_BACK -> hold(message, false);
                case REPLAY -> {
                    leave(message);
                    replay(of);
                }
            }
            disorder.remember(of, stream, message);
        });
    }

    private void replay(Kind of) {
        byte[] old = disorder.earlier(of, stream);
        if (old != null) {
            disorder.countReplayed();
            leave(old);
        }
    }

    private void hold(byte[] message, boolean copy) {
        Held waiting = new Held(message, left, left + disorder.distance(), copy);
        held.add(waiting);
        try {
            var _ = timer.schedule(
                    () -> locked(() -> {
                        if (held.remove(waiting)) {
                            release(waiting);
                        }
                    }),
                    disorder.patienceMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The relay is closed, and with it the call ends.
        }
    }

    private void release(Held waiting) {
        if (waiting.copy) {
            disorder.countDoubled();
        } else if (left > waiting.since) {
            disorder.countOvertaken();
        }
        leave(waiting.message);
    }

    /** And those for which it was waited. */
    private void leave(byte[] message) {
        out.accept(message);
        left++;
        Optional<Held> due =
                held.stream().filter(waiting -> waiting.due <= left).findFirst();
        if (due.isPresent()) {
            held.remove(due.get());
            release(due.get());
        }
    }

    /** No message comes any more: those that wait leave, then {@code then} is called. */
    void end(Runnable then) {
        locked(() -> {
            while (!held.isEmpty()) {
                release(held.removeFirst());
            }
            ended = true;
            then.run();
        });
    }

    /** What waits is dropped, and nothing leaves any more. */
    void abort() {
        locked(() -> {
            ended = true;
            held.clear();
        });
    }

    /** {@code action} happens between two messages, and not after the end. */
    void between(Runnable action) {
        locked(action);
    }
}
