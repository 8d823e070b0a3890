package io.meridian.server;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.meridian.compiler.IstioCompiler;
import io.meridian.gateway.Gateway;
import io.meridian.gateway.GatewaySettings;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A gateway in a process of its own: it follows a region's feed over the network, and serves on when that is gone. */
final class GatewayProcess implements AutoCloseable {
    private static final long KEEP_ALIVE_SECONDS = 10;

    private final ManagedChannel feed;
    private final Gateway gateway;
    private final Observability observability;

    private GatewayProcess(ManagedChannel feed, Gateway gateway, Observability observability) {
        this.feed = feed;
        this.gateway = gateway;
        this.observability = observability;
    }

    /** Returns once it serves and is warm. */
    static GatewayProcess start(ServerConfig config, HostPort feedAddress) throws Exception {
        ManagedChannel feed = NettyChannelBuilder.forAddress(feedAddress.host(), feedAddress.port())
                .usePlaintext()
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .maxInboundMessageSize(GrpcServers.MAX_FEED_BYTES)
                .build();
        AtomicBoolean ready = new AtomicBoolean();
        Observability observability = new Observability(config.metricsBind(), ready::get);
        GatewaySettings defaults = GatewaySettings.of(
                config.region().name() + "-gateway-" + ProcessHandle.current().pid(),
                config.region().name(),
                config.xdsBind().host(),
                config.xdsBind().port(),
                config.dataDir());
        GatewaySettings settings = defaults.with(
                defaults.limits().toBuilder().warmUp(config.warmUp()).build());
        try {
            Gateway gateway = Gateway.start(settings, feed, IstioCompiler::new, observability.registry());
            ready.set(true);
            return new GatewayProcess(feed, gateway, observability);
        } catch (Exception e) {
            feed.shutdownNow();
            observability.close();
            throw e;
        }
    }

    HostPort xdsAddress() {
        return HostPort.of(gateway.address());
    }

    @Override
    public void close() {
        gateway.close();
        feed.shutdownNow();
        observability.close();
    }
}
