package io.meridian.replicator.internal;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.meridian.replicator.core.Backoff;
import io.meridian.replicator.core.Moment;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one server stream from a peer open: opens it anew with growing pauses when it ends, and when it is silent for too long though its
 * connection is up. Everything happens on {@code queue}.
 *
 * @param <Q> request
 * @param <R> response
 */
final class Watch<Q, R> {
    private static final Logger log = LoggerFactory.getLogger(Watch.class);

    /** Takes a message; {@code done} asks the transport for the next one. */
    interface Listener<R> extends BiConsumer<R, Runnable> {}

    private final String name;
    private final SerialQueue queue;
    private final Consumer<ClientResponseObserver<Q, R>> opener;
    private final Backoff backoff;
    private final Duration silence;
    private final int messagesInFlight;
    private final Listener<R> listener;

    private @Nullable ClientCallStreamObserver<Q> call;
    private long generation;
    private long heardAtMillis;
    private long dueAtMillis;
    private int failures;
    private boolean closed;

    /** {@code name}: for logs, as key=value pairs. */
    Watch(
            String name,
            SerialQueue queue,
            Consumer<ClientResponseObserver<Q, R>> opener,
            Backoff backoff,
            Duration silence,
            int messagesInFlight,
            Listener<R> listener) {
        this.name = name;
        this.queue = queue;
        this.opener = opener;
        this.backoff = backoff;
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
            } else if (call == null && at.nowMillis() >= dueAtMillis) {
                open(at);
            }
        });
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
        opener.accept(new ClientResponseObserver<Q, R>() {
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
