package io.meridian.replicator.internal;

import io.meridian.replicator.core.Moment;
import io.meridian.replicator.core.Step;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Drives one state of the pure core: inputs from any thread, steps and outputs one after the other on its queue.
 *
 * @param <S> state
 * @param <I> input
 * @param <O> output
 */
final class Driver<S, I, O> {
    @FunctionalInterface
    interface Core<S, I, O> {
        Step<S, O> step(S state, Moment at, I input);
    }

    private final SerialQueue queue;
    private final Core<S, I, O> core;
    private final Consumer<List<O>> performer;
    /** Written on the queue only; read by whoever wants to know. */
    private volatile S state;

    /** {@code performer} is called on the queue and must not block. */
    Driver(SerialQueue queue, Core<S, I, O> core, S initial, Consumer<List<O>> performer) {
        this.queue = queue;
        this.core = core;
        this.state = initial;
        this.performer = performer;
    }

    /** The world as it is now: a monotonic clock, and chance. */
    static Moment now() {
        return new Moment(
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime()),
                ThreadLocalRandom.current().nextDouble());
    }

    void feed(I input) {
        queue.execute(() -> {
            Step<S, O> step = core.step(state, now(), input);
            state = step.state();
            performer.accept(step.outputs());
        });
    }

    S state() {
        return state;
    }
}
