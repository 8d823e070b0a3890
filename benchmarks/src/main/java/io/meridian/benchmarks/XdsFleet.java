package io.meridian.benchmarks;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * Many clients, each on a connection of its own, and when each of them got what is waited for. Driven by one thread; the clients report
 * from theirs.
 */
final class XdsFleet implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int MAX_RESPONSE_BYTES = 64 << 20;
    /** Envoy's initial_stream_window_size; a fixed window also keeps grpc-java from measuring with pings, which Envoy does not send. */
    private static final int WINDOW_BYTES = 16 << 20;

    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(180);
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
            THREADS, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    private final List<XdsClient> clients = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();

    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong responses = new AtomicLong();
    private volatile long lastResponseNanos = System.nanoTime();
    private volatile Wish wish = new Wish(response -> false, Set.of());

    /** What is waited for, and who still lacks it. */
    private static final class Wish {
        private final Predicate<XdsResponse> until;
        private final Set<XdsClient> lacking = ConcurrentHashMap.newKeySet();
        private final ConcurrentHashMap<XdsClient, Long> arrivals = new ConcurrentHashMap<>();

        Wish(Predicate<XdsResponse> until, Set<XdsClient> of) {
            this.until = until;
            lacking.addAll(of);
        }
    }

    void add(XdsClient.Identity identity, boolean delta, XdsClient.Manner manner) {
        clients.add(new XdsClient(identity, delta, manner, this::onResponse));
    }

    private void onResponse(XdsClient client, XdsResponse response) {
        long now = System.nanoTime();
        lastResponseNanos = now;
        bytes.addAndGet(response.bytes());
        responses.incrementAndGet();
        Wish current = wish;
        if (current.until.test(response) && current.lacking.contains(client)) {
            current.arrivals.put(client, now);
            current.lacking.remove(client);
        }
    }

    List<XdsClient> clients() {
        return clients;
    }

    /** Opens all streams at once, to one gateway. */
    void connect(String address) {
        closeChannels();
        for (XdsClient client : clients) {
            ManagedChannel channel = NettyChannelBuilder.forTarget(address)
                    .usePlaintext()
                    .eventLoopGroup(loops)
                    .channelType(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
                    .flowControlWindow(WINDOW_BYTES)
                    .directExecutor()
                    .maxInboundMessageSize(MAX_RESPONSE_BYTES)
                    .build();
            channels.add(channel);
            client.connect(channel);
        }
    }

    void disconnect() {
        clients.forEach(XdsClient::disconnect);
        closeChannels();
    }

    private void closeChannels() {
        channels.forEach(ManagedChannel::shutdownNow);
        channels.forEach(channel -> {
            try {
                channel.awaitTermination(5, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        channels.clear();
    }

    /** From now on bytes are counted from zero, and it is noted when each client of {@code which} first gets such a response. */
    void expect(Predicate<XdsClient> which, Predicate<XdsResponse> until) {
        Set<XdsClient> of = new HashSet<>(clients);
        of.removeIf(which.negate());
        bytes.set(0);
        responses.set(0);
        wish = new Wish(until, of);
    }

    /** Waits until all have it; the times from {@code startNanos} until each had it. */
    Figures arrivals(String what, long startNanos) {
        Wish current = wish;
        while (!current.lacking.isEmpty()) {
            if (System.nanoTime() - startNanos > TIMEOUT_NANOS) {
                throw new IllegalStateException(what + ": " + current.lacking.size() + " clients do not get it");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        Figures figures = new Figures();
        current.arrivals.values().forEach(at -> figures.add(at - startNanos));
        return figures;
    }

    /** Until nothing has come for a while. */
    void settle() {
        long quietSince = System.nanoTime();
        while (System.nanoTime() - Math.max(lastResponseNanos, quietSince) < QUIET_NANOS) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Of all responses since {@link #expect}. */
    long bytes() {
        return bytes.get();
    }

    long responses() {
        return responses.get();
    }

    @Override
    public void close() {
        closeChannels();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
