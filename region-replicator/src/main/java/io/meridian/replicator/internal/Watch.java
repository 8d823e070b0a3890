package io.meridian.replicator.internal;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.meridian.replicator.ReplicatorSettings.Timings;
import io.meridian.replicator.core.Backoff;
import io.meridian.replicator.core.Moment;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one server stream from a peer open: opens it anew with growing pauses when it ends, and when it is silent for too long though its
 * connection is up. A peer that calls us cuts a pause short. Everything happens on {@code queue}.
 *
 * @param <Q> request
 * @param <R> response
 */
final class Watch<Q, R> {
    private static final Logger log = LoggerFactory.getLogger(Watch.class);

    /** Takes a message; {@code done} asks the transport for the next one. */
    interface Listener<R> extends BiConsumer<R, Runnable> {}

    /** Makes the call. {@code whenConnected}: it waits for a connection, rather than fail because the last attempt to connect did. */
    @FunctionalInterface
    interface Opener<Q, R> {
        void open(boolean whenConnected, ClientResponseObserver<Q, R> observer);
    }

    private final String name;
    private final SerialQueue queue;
    private final Opener<Q, R> opener;
    private final Backoff backoff;
    private final Duration soonestRetry;
    private final Duration silence;
    private final int messagesInFlight;
    private final Listener<R> listener;

    private @Nullable ClientCallStreamObserver<Q> call;
    private long generation;
    private long heardAtMillis;
    private long triedAtMillis;
    private long dueAtMillis;
    /** The peer called since the last attempt. */
    private boolean called;

    private int failures;
    private boolean closed;

    /** {@code name}: for logs, as key=value pairs. */
    Watch(
            String name,
            SerialQueue queue,
            Opener<Q, R> opener,
            Timings timings,
            Duration silence,
            int messagesInFlight,
            Listener<R> listener) {
        this.name = name;
        this.queue = queue;
        this.opener = opener;
        backoff = new Backoff(timings.firstRetry(), timings.longestRetry());
        soonestRetry = timings.soonestRetry();
        this.silence = silence;
        this.messagesInFlight = messagesInFlight;
        this.listener = listener;
    }

    void tick() {
        queue.execute(() -> {
            Moment at = Driver.now();
            if (closed) {
                return;
            }
            if (call != null && at.nowMillis() - heardAtMillis > silence.toMillis()) {
                lost("silent for " + (at.nowMillis() - heardAtMillis) + " ms");
            } else {
                openIfDue(at);
            }
        });
    }

    /**
     * The peer opened a stream to us, so it is up: an attempt that waits out a pause is made now, or once {@code soonestRetry} has passed since
     * the one before. One call brings one attempt forward at most, which counts as any other if it fails. Nothing happens while the stream is open.
     */
    void peerCalled() {
        queue.execute(() -> {
            if (closed || call != null) {
                return;
            }
            called = true;
            dueAtMillis = Math.min(dueAtMillis, triedAtMillis + soonestRetry.toMillis());
            openIfDue(Driver.now());
        });
    }

    private void openIfDue(Moment at) {
        if (call == null && at.nowMillis() >= dueAtMillis) {
            open(at);
        }
    }

    /** Opens the stream anew after a pause: it starts with everything. */
    void restart(String why) {
        queue.execute(() -> {
            if (call != null) {
                lost(why);
            }
        });
    }

    void close() {
        queue.execute(() -> {
            closed = true;
            cancel("closed");
        });
    }

    private void open(Moment at) {
        long mine = ++generation;
        heardAtMillis = at.nowMillis();
        triedAtMillis = at.nowMillis();
        // While the peer was down the channel failed to connect, and until it has it lets calls fail: this one would
        // only make it try.
        boolean whenConnected = called;
        called = false;
        opener.open(whenConnected, new ClientResponseObserver<Q, R>() {
            @Override
            public void beforeStart(ClientCallStreamObserver<Q> stream) {
                stream.disableAutoRequestWithInitial(messagesInFlight);
                call = stream;
            }

            @Override
            public void onNext(R message) {
                queue.execute(() -> received(mine, message));
            }

            @Override
            public void onError(Throwable failure) {
                queue.execute(() -> ended(mine, Ports.reason(failure)));
            }

            @Override
            public void onCompleted() {
                queue.execute(() -> ended(mine, "ended by the peer"));
            }
        });
    }

    private void received(long from, R message) {
        if (from != generation || call == null) {
            return;
        }
        if (failures > 0) {
            log.info("stream open again {} failures={}", name, failures);
        }
        failures = 0;
        heardAtMillis = Driver.now().nowMillis();
        listener.accept(
                message,
                () -> queue.execute(() -> {
                    if (from == generation && call != null) {
                        call.request(1);
                    }
                }));
    }

    private void ended(long from, String why) {
        if (from == generation && call != null) {
            lost(why);
        }
    }

    private void lost(String why) {
        cancel(why);
        failures++;
        Moment at = Driver.now();
        long delay = backoff.delayMillis(failures, at.jitter());
        dueAtMillis = at.nowMillis() + delay;
        if (failures == 1) {
            log.warn("stream lost {} reason=\"{}\" retryMillis={}", name, why, delay);
        } else {
            log.debug("stream not opened {} reason=\"{}\" failures={} retryMillis={}", name, why, failures, delay);
        }
    }

    private void cancel(String why) {
        ClientCallStreamObserver<Q> stream = call;
        call = null;
        generation++;
        if (stream != null) {
            stream.cancel(why, null);
        }
    }
}
