package io.meridian.gateway.internal.registry;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.meridian.api.feed.v1.EventFeedGrpc;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.feed.v1.ProxyReportAck;
import io.meridian.gateway.internal.feed.Backoff;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the core what the proxies hold: everything after each connect, then what changed. Streams gather what they tell, each loop for
 * itself; here loops wait {@link #GATHER} for each other. While the core is away or slow nothing piles up: only which proxies changed is
 * remembered. Answers the core's questions about what proxies are served, behind the reports. A thread of its own owns the call.
 */
public final class ProxyReporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyReporter.class);
    /** Part of the time that {@code meridian wait} takes. */
    private static final Duration GATHER = Duration.ofMillis(2);

    /** What was delivered as everybody believes is for people to look at; it goes with whatever goes earlier. */
    private static final Duration GATHER_DELIVERED = Duration.ofMillis(100);

    private static final Duration LAG_REFRESH = Duration.ofSeconds(1);
    private static final int STATUSES_PER_MESSAGE = 1000;

    private final Channel feed;
    private final ProxyRegistry registry;
    private final ReportQueue queue;
    private final ConfigAnswers answers;
    private final Backoff backoff;
    private final ScheduledThreadPoolExecutor executor;
    private final AtomicBoolean flushScheduled = new AtomicBoolean();
    private final AtomicBoolean laterFlushScheduled = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    // Owned by the executor's thread.
    private @Nullable ClientCall<ProxyReport, ProxyReportAck> call;

    public ProxyReporter(String gateway, Channel feed, ProxyRegistry registry, Backoff backoff) {
        this.feed = feed;
        this.registry = registry;
        this.backoff = backoff;
        queue = new ReportQueue(gateway, registry, STATUSES_PER_MESSAGE);
        executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("proxy-report").daemon().factory());
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        answers = new ConfigAnswers(
                gateway,
                registry,
                task -> executor.execute(() -> {
                    task.run();
                    flush();
                }));
    }

    public void start() {
        registry.onChange(new ProxyRegistry.Listener() {
            @Override
            public void changed(ProxyRegistry.Key proxy) {
                queue.changed(proxy);
                flushSoon();
            }

            @Override
            public void delivered() {
                flushLater();
            }

            @Override
            public void advanced(String mesh) {
                queue.advanced(mesh);
                flushSoon();
            }
        });
        executor.execute(this::connect);
        var refresh = executor.scheduleWithFixedDelay(
                this::refreshLag, LAG_REFRESH.toMillis(), LAG_REFRESH.toMillis(), TimeUnit.MILLISECONDS);
        LOG.debug("lag refresh scheduled cancelled={}", refresh.isCancelled());
    }

    private void flushSoon() {
        if (flushScheduled.compareAndSet(false, true)) {
            var flush = executor.schedule(this::flush, GATHER.toMillis(), TimeUnit.MILLISECONDS);
            if (flush.isCancelled()) {
                LOG.debug("reporter is closed");
            }
        }
    }

    private void flushLater() {
        if (!laterFlushScheduled.get() && laterFlushScheduled.compareAndSet(false, true)) {
            var flush = executor.schedule(
                    () -> {
                        laterFlushScheduled.set(false);
                        flush();
                    },
                    GATHER_DELIVERED.toMillis(),
                    TimeUnit.MILLISECONDS);
            if (flush.isCancelled()) {
                LOG.debug("reporter is closed");
            }
        }
    }

    private void refreshLag() {
        registry.behind().forEach(key -> {
            queue.changed(key);
            flushSoon();
        });
    }

    private void connect() {
        if (closed.get()) {
            return;
        }
        queue.startOver();
        answers.clear();
        ClientCall<ProxyReport, ProxyReportAck> next =
                feed.newCall(EventFeedGrpc.getReportProxiesMethod(), CallOptions.DEFAULT.withExecutor(executor));
        call = next;
        next.start(new Listener(next), new Metadata());
        next.request(1);
        flush();
    }

    private void flush() {
        flushScheduled.set(false);
        ClientCall<ProxyReport, ProxyReportAck> current = call;
        while (current != null && current.isReady()) {
            ProxyReport report = queue.next();
            if (report == null) {
                report = answers.next();
            }
            if (report == null) {
                break;
            }
            current.sendMessage(report);
        }
    }

    @Override
    public void close() {
        closed.set(true);
        executor.execute(() -> {
            flush();
            if (call != null) {
                call.halfClose();
            }
            executor.shutdown();
        });
    }

    private final class Listener extends ClientCall.Listener<ProxyReportAck> {
        private final ClientCall<ProxyReport, ProxyReportAck> own;

        private Listener(ClientCall<ProxyReport, ProxyReportAck> own) {
            this.own = own;
        }

        @Override
        public void onReady() {
            flush();
        }

        @Override
        public void onMessage(ProxyReportAck ack) {
            backoff.reset();
            if (ack.hasConfig()) {
                answers.ask(ack.getConfig());
                flush();
            }
            own.request(1);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            call = null;
            if (closed.get()) {
                return;
            }
            Duration wait = backoff.next();
            LOG.debug("report stream ended status={} retry={}", status.getCode(), wait);
            var retry = executor.schedule(ProxyReporter.this::connect, wait.toMillis(), TimeUnit.MILLISECONDS);
            if (retry.isCancelled()) {
                LOG.debug("reporter is closed");
            }
        }
    }
}
