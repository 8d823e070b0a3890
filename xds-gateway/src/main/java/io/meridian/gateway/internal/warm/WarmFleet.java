package io.meridian.gateway.internal.warm;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Clients that come and go together, each on a connection of its own. Confined to one thread. */
final class WarmFleet implements AutoCloseable {
    /** Every so many clients one is of the state-of-the-world variant. */
    private static final int STATE_OF_THE_WORLD = 4;

    private static final long END_SECONDS = 1;

    private final InetSocketAddress server;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("warm-up-clients", true), NioIoHandler.newFactory());
    /** Keeps nothing for later: there is no later. */
    private final ByteBufAllocator buffers = new UnpooledByteBufAllocator(true);

    private final List<ManagedChannel> channels = new ArrayList<>();
    private List<WarmClient<?, ?>> clients = List.of();

    WarmFleet(InetSocketAddress server) {
        this.server = server;
    }

    /** Takes clients that hold nothing, numbered from {@code first}; those before are forgotten. */
    void recruit(int first, int count) {
        List<WarmClient<?, ?>> fresh = new ArrayList<>();
        for (int number = first; number < first + count; number++) {
            fresh.add(
                    number % STATE_OF_THE_WORLD == 0
                            ? new WarmStateOfTheWorldClient(WarmClient.node(number))
                            : new WarmDeltaClient(WarmClient.node(number)));
        }
        clients = fresh;
    }

    void connect() {
        for (WarmClient<?, ?> client : clients) {
            ManagedChannel channel = NettyChannelBuilder.forAddress(server)
                    .usePlaintext()
                    .eventLoopGroup(loop)
                    .channelType(NioSocketChannel.class)
                    .withOption(ChannelOption.ALLOCATOR, buffers)
                    .directExecutor()
                    .build();
            channels.add(channel);
            client.connect(channel);
        }
    }

    /** Nothing of theirs runs any more when this returns. */
    void disconnect() throws InterruptedException {
        clients.forEach(WarmClient::disconnect);
        channels.forEach(ManagedChannel::shutdownNow);
        for (ManagedChannel channel : channels) {
            if (!channel.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a client's connection does not end");
            }
        }
        channels.clear();
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        loop.shutdownGracefully(0, END_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly(END_SECONDS, TimeUnit.SECONDS);
    }
}
