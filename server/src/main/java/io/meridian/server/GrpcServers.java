package io.meridian.server;

import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The gRPC servers of a process, all with the same bounds. */
final class GrpcServers {
    /** Above the 3 MiB that the admin API allows of manifests in one request. */
    private static final int MAX_REQUEST_BYTES = 8 << 20;

    /** A snapshot of a mesh comes in one message. */
    static final int MAX_FEED_BYTES = 256 << 20;

    private static final int MAX_METADATA_BYTES = 32 << 10;
    private static final int MAX_CALLS_PER_CONNECTION = 1_000;
    private static final long KEEP_ALIVE_SECONDS = 30;
    private static final long HANDSHAKE_SECONDS = 10;
    private static final long DRAIN_SECONDS = 2;

    private GrpcServers() {}

    /** Throws IOException that names {@code key} and the address if it cannot listen there. */
    static Server start(String key, HostPort address, List<ServerServiceDefinition> services) throws IOException {
        return start(key, address, services, server -> {});
    }

    /** {@code more}: what the services want of their server beyond that. */
    static Server start(
            String key, HostPort address, List<ServerServiceDefinition> services, Consumer<ServerBuilder<?>> more)
            throws IOException {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address.toSocketAddress())
                .maxInboundMessageSize(MAX_REQUEST_BYTES)
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true);
        services.forEach(builder::addService);
        more.accept(builder);
        try {
            return builder.build().start();
        } catch (IOException e) {
            throw new IOException(key + ": cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    /** Lets running calls end, but not for long. */
    static void stop(Server server) throws InterruptedException {
        server.shutdown();
        if (!server.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
            server.shutdownNow().awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS);
        }
    }
}
