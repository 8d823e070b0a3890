package io.meridian.cli.rpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes channels that start fast: one event loop, addresses resolved once, no pools, no probing for native transports. */
final class Transport implements AutoCloseable {
    private static final int CONNECT_TIMEOUT_MILLIS = 3_000;
    /** The largest answer that is taken: a whole state of a large mesh. */
    private static final int MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

    private final String userAgent;
    private @Nullable EventLoopGroup loop;

    Transport(String userAgent) {
        this.userAgent = userAgent;
    }

    /** @param address HOST:PORT; an IPv6 address stands in brackets */
    ManagedChannel connect(String address) {
        EventLoopGroup group = loop;
        if (group == null) {
            group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
            loop = group;
        }
        int colon = address.lastIndexOf(':');
        String host = address.substring(0, colon).replaceAll("^\\[|]$", "");
        int port = Integer.parseInt(address.substring(colon + 1));
        return NettyChannelBuilder.forAddress(new InetSocketAddress(host, port))
                .eventLoopGroup(group)
                .channelType(NioSocketChannel.class, InetSocketAddress.class)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .usePlaintext()
                .directExecutor()
                .disableRetry()
                .disableServiceConfigLookUp()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .userAgent(userAgent)
                .build();
    }

    @Override
    public void close() {
        if (loop != null) {
            // Nobody waits for it: the process is about to end.
            var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
