package io.meridian.chaos.relay;

import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes gRPC calls, of whatever method, and makes them at another server, with what its {@link Disorder} does to them. Metadata, deadlines,
 * cancellation, half-close, status and flow control pass through: it asks for the next message only when the last one was taken. Where the
 * target cannot be reached calls end with UNAVAILABLE, as they do without a relay. Plaintext HTTP/2. Thread-safe.
 */
public final class Relay implements AutoCloseable {
    private static final int CLOSE_SECONDS = 5;
    /** Connections that are reset while something is written are its daily bread, and no warning. Held, or its level would be forgotten. */
    private static final Logger CONNECTIONS = Logger.getLogger("io.grpc.netty.NettyServerHandler");

    static {
        CONNECTIONS.setLevel(Level.SEVERE);
    }

    private final Server server;
    private final ManagedChannel target;
    private final Disorder disorder;
    private final ScheduledExecutorService timer;

    /**
     * Listens at once, at any port of 127.0.0.1.
     *
     * @param port at 127.0.0.1, of the server that calls are for
     */
    public Relay(int port, Disorder disorder) throws IOException {
        this.disorder = disorder;
        timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("relay-timer").factory());
        target = NettyChannelBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .usePlaintext()
                .disableRetry()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .fallbackHandlerRegistry(new EveryMethod(target, disorder, timer))
                .build();
        try {
            server.start();
        } catch (IOException e) {
            target.shutdownNow();
            timer.shutdownNow();
            throw e;
        }
    }

    public int port() {
        return server.getPort();
    }

    /** What it does to what it carries. */
    public Disorder disorder() {
        return disorder;
    }

    /** Ends all calls. */
    @Override
    public void close() {
        server.shutdownNow();
        target.shutdownNow();
        timer.shutdownNow();
        try {
            server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
            target.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class EveryMethod extends HandlerRegistry {
        private final ManagedChannel target;
        private final Disorder disorder;
        private final ScheduledExecutorService timer;

        EveryMethod(ManagedChannel target, Disorder disorder, ScheduledExecutorService timer) {
            this.target = target;
            this.disorder = disorder;
            this.timer = timer;
        }

        @Override
        public ServerMethodDefinition<?, ?> lookupMethod(String method, @Nullable String authority) {
            MethodDescriptor<byte[], byte[]> descriptor = MethodDescriptor.newBuilder(Bytes.INSTANCE, Bytes.INSTANCE)
                    .setType(MethodType.UNKNOWN)
                    .setFullMethodName(method)
                    .build();
            return ServerMethodDefinition.create(descriptor, (caller, headers) -> {
                // Backing off is the caller's matter.
                target.resetConnectBackoff();
                return RelayedCall.start(caller, headers, target, disorder, timer);
            });
        }
    }

    /** Messages as they are on the wire. */
    private enum Bytes implements Marshaller<byte[]> {
        INSTANCE;

        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
