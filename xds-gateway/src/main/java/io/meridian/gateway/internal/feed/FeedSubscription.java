package io.meridian.gateway.internal.feed;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server-streaming call that is made again whenever it ends, with back-off. Everything runs on {@code executor}, which must be a single
 * thread and owns this object's state; the next message is asked for only after the one before it was taken.
 */
final class FeedSubscription<Q, R> {
    private static final Logger LOG = LoggerFactory.getLogger(FeedSubscription.class);
    /** A snapshot is one message. */
    private static final int MAX_MESSAGE_BYTES = 512 << 20;

    /** What the messages are taken by, on the subscription's thread. */
    @FunctionalInterface
    interface Taker<R> {
        Verdict take(R message);
    }

    enum Verdict {
        /** Give the next. */
        NEXT,
        /** As {@link #NEXT}, and this shows that the feed works: the next attempt after an end may come soon. */
        WELL,
        /** End this call and make a new request. */
        AGAIN,
        /** End for good. */
        STOP
    }

    private final String what;
    private final Channel channel;
    private final MethodDescriptor<Q, R> method;
    private final Supplier<Q> request;
    private final Taker<R> taker;
    private final ScheduledExecutorService executor;
    private final Backoff backoff;
    private final Duration silenceLimit;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile @Nullable ClientCall<Q, R> call;
    private long heardNanos = System.nanoTime();
    private boolean reportedDown;

    FeedSubscription(
            String what,
            Channel channel,
            MethodDescriptor<Q, R> method,
            Supplier<Q> request,
            Taker<R> taker,
            ScheduledExecutorService executor,
            Backoff backoff,
            Duration silenceLimit) {
        this.what = what;
        this.channel = channel;
        this.method = method;
        this.request = request;
        this.taker = taker;
        this.executor = executor;
        this.backoff = backoff;
        this.silenceLimit = silenceLimit;
    }

    void start() {
        executor.execute(this::connect);
        if (silenceLimit.isPositive()) {
            long period = Math.max(1, silenceLimit.toMillis() / 4);
            var watchdog = executor.scheduleWithFixedDelay(this::watch, period, period, TimeUnit.MILLISECONDS);
            if (watchdog.isCancelled()) {
                throw new IllegalStateException("the executor is shut down");
            }
        }
    }

    /** From any thread. */
    void close() {
        if (closed.compareAndSet(false, true)) {
            end("closed");
        }
    }

    private void connect() {
        if (closed.get()) {
            return;
        }
        heardNanos = System.nanoTime();
        if (channel instanceof ManagedChannel managed) {
            // Its own back-off grows to two minutes; how often to try is decided here.
            managed.resetConnectBackoff();
        }
        ClientCall<Q, R> next = channel.newCall(
                method, CallOptions.DEFAULT.withExecutor(executor).withMaxInboundMessageSize(MAX_MESSAGE_BYTES));
        call = next;
        next.start(new Listener(next), new Metadata());
        next.request(1);
        next.sendMessage(request.get());
        next.halfClose();
    }

    private void watch() {
        if (call != null && System.nanoTime() - heardNanos > silenceLimit.toNanos()) {
            LOG.warn("feed silent what={} limit={}", what, silenceLimit);
            end("silent");
        }
    }

    private void end(String why) {
        ClientCall<Q, R> current = call;
        if (current != null) {
            current.cancel(why, null);
        }
    }

    private final class Listener extends ClientCall.Listener<R> {
        private final ClientCall<Q, R> own;
        private boolean stopped;

        private Listener(ClientCall<Q, R> own) {
            this.own = own;
        }

        @Override
        public void onMessage(R message) {
            if (stopped || closed.get()) {
                return;
            }
            heardNanos = System.nanoTime();
            switch (taker.take(message)) {
                case NEXT -> own.request(1);
                case WELL -> {
                    if (reportedDown) {
                        LOG.info("feed up again what={}", what);
                        reportedDown = false;
                    }
                    backoff.reset();
                    own.request(1);
                }
                case AGAIN -> {
                    stopped = true;
                    own.cancel("a new request follows", null);
                }
                case STOP -> {
                    stopped = true;
                    closed.set(true);
                    own.cancel("stopped", null);
                }
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            call = null;
            if (closed.get()) {
                return;
            }
            Duration wait = backoff.next();
            if (!reportedDown && !stopped) {
                LOG.warn("feed down what={} status={} text={}", what, status.getCode(), status.getDescription());
                reportedDown = true;
            }
            var retry = executor.schedule(FeedSubscription.this::connect, wait.toMillis(), TimeUnit.MILLISECONDS);
            if (retry.isCancelled()) {
                LOG.debug("executor is shut down what={}", what);
            }
        }
    }
}
