package io.meridian.gateway.internal.ads;

import io.grpc.netty.NettyServerBuilder;
import io.meridian.gateway.internal.registry.ProxyRegistry;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The threads that own the streams: one per core. A connection stays with the loop that accepted it, and all of its streams with it, so
 * that a response goes from the protocol to the socket without changing threads. Thread-safe.
 *
 * <p>Their buffers are outside the heap, bounded by what is in flight ({@link BytesBudget}): one arena per loop, in chunks of 2 MiB, which
 * are given back to the system when empty.
 */
final class EventLoops implements AutoCloseable {
    /** Linux' own calls cost a thousand pushes less than the JDK's selectors do; elsewhere there are only those. */
    private static final boolean EPOLL = Epoll.isAvailable();

    private static final int PAGE_BYTES = 8 << 10;
    /** A chunk is a page shifted by this. */
    private static final int CHUNK_ORDER = 8;
    /** Buffers of each size class that a thread keeps for itself. */
    private static final int SMALL_CACHED = 64;

    private static final int NORMAL_CACHED = 8;

    /** What a client may have sent on a connection before it was read: a request that names a few thousand resources. */
    private static final int RECEIVE_WINDOW_BYTES = 256 << 10;

    private static final long QUIET_MILLIS = 0;
    private static final long END_MILLIS = 1000;

    private final MultiThreadIoEventLoopGroup group;
    private final List<StreamLoop> loops = new ArrayList<>();
    private final PooledByteBufAllocator buffers;

    /** Starts {@code count} of them; {@code registry}: hears of their streams. */
    EventLoops(int count, ProxyRegistry registry) {
        group = new MultiThreadIoEventLoopGroup(
                count,
                new DefaultThreadFactory("xds-loop", true),
                EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        for (EventExecutor each : group) {
            loops.add(new StreamLoop((EventLoop) each, registry.deliveries()));
        }
        buffers =
                new PooledByteBufAllocator(true, 0, count, PAGE_BYTES, CHUNK_ORDER, SMALL_CACHED, NORMAL_CACHED, false);
    }

    /** Makes the server run on these and on nothing else. */
    NettyServerBuilder serve(NettyServerBuilder server) {
        return server.bossEventLoopGroup(group)
                .workerEventLoopGroup(group)
                .channelType(EPOLL ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .withOption(ChannelOption.ALLOCATOR, buffers)
                .withChildOption(ChannelOption.ALLOCATOR, buffers)
                .flowControlWindow(RECEIVE_WINDOW_BYTES)
                .directExecutor();
    }

    /** The loop whose thread this is. */
    StreamLoop current() {
        for (StreamLoop loop : loops) {
            if (loop.isCurrent()) {
                return loop;
            }
        }
        throw new IllegalStateException("not on an event loop: " + Thread.currentThread());
    }

    /** Runs it again and again on one of the loops. */
    void every(Duration period, Runnable task) {
        var repeated =
                group.next().scheduleWithFixedDelay(task, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
        if (repeated.isCancelled()) {
            throw new IllegalStateException("the event loops are shut down");
        }
    }

    /** Memory outside the heap that the connections' buffers take, in bytes. */
    long bufferBytes() {
        return buffers.metric().usedDirectMemory();
    }

    @Override
    public void close() {
        group.shutdownGracefully(QUIET_MILLIS, END_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(END_MILLIS);
    }
}
