package io.meridian.gateway.internal.ads;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.meridian.gateway.internal.metrics.GatewayMetrics;
import io.meridian.gateway.internal.protocol.DiscoveryStream;
import io.meridian.gateway.internal.protocol.Outgoing;
import io.meridian.gateway.internal.registry.ProxyRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;

/** The gRPC server at the xDS address: aggregated discovery and health. Thread-safe. */
public final class AdsServer implements AutoCloseable {
    private static final Duration KEEP_ALIVE_TIMEOUT = Duration.ofSeconds(20);
    /** Clients may ping as often as Envoy is configured to; more often is abuse. */
    private static final Duration MIN_CLIENT_KEEP_ALIVE = Duration.ofSeconds(5);

    private static final int MAX_METADATA_BYTES = 64 << 10;
    /** A client that has nothing to ask has no use of its connection. */
    private static final Duration IDLE_LIMIT = Duration.ofMinutes(1);

    private static final Duration TIDY = Duration.ofSeconds(1);
    private static final Duration DRAIN_STEP = Duration.ofMillis(20);

    private final AdsContext context;
    private final EventLoops loops;
    private final AtomicReference<ServingStatus> health = new AtomicReference<>(ServingStatus.NOT_SERVING);
    private final HealthStatusManager healthManager = new HealthStatusManager();
    private final Duration drainGrace;
    private final Server server;
    private volatile boolean admits;

    /** Where the server listens and what one connection may do. */
    public record Listening(
            InetSocketAddress address,
            int streamsPerConnection,
            int requestBytes,
            Duration keepAlive,
            ConnectionAge connectionAge,
            Duration drainGrace,
            String identifier) {}

    /** Starts; the health service says NOT_SERVING until {@link #admit}. {@code arrivals}: where it is told who comes and goes. */
    public AdsServer(
            Listening listening,
            MeshTable meshes,
            ProxyRegistry registry,
            GatewayMetrics metrics,
            StreamLimits limits,
            Logger arrivals)
            throws IOException {
        context = new AdsContext(
                meshes, registry, metrics, limits, listening.identifier(), listening.connectionAge(), arrivals);
        loops = new EventLoops(Runtime.getRuntime().availableProcessors(), registry);
        drainGrace = listening.drainGrace();
        healthManager.setStatus("", ServingStatus.NOT_SERVING);
        meshes.onChange(this::tellHealth);
        server = listening
                .connectionAge()
                .limit(loops.serve(NettyServerBuilder.forAddress(listening.address())))
                .addService(service())
                .addService(healthManager.getHealthService())
                .maxConcurrentCallsPerConnection(listening.streamsPerConnection())
                .maxInboundMessageSize(listening.requestBytes())
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .keepAliveTime(listening.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionIdle(IDLE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(MIN_CLIENT_KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true)
                .build()
                .start();
        loops.every(TIDY, context.sharing::forgetIfIdle);
    }

    /** From now on the health service says SERVING once the meshes are there. Whoever connects earlier is served all the same. */
    public void admit() {
        admits = true;
        tellHealth();
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) server.getListenSockets().getFirst();
    }

    /** Once it serves it goes on doing so, whatever becomes of the core. */
    private void tellHealth() {
        if (admits
                && context.meshes.ready()
                && health.compareAndSet(ServingStatus.NOT_SERVING, ServingStatus.SERVING)) {
            healthManager.setStatus("", ServingStatus.SERVING);
            healthManager.setStatus(AggregatedDiscoveryServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
        }
    }

    public boolean serving() {
        return health.get() == ServingStatus.SERVING;
    }

    private ServerServiceDefinition service() {
        DiscoveryMethods methods = new DiscoveryMethods();
        return ServerServiceDefinition.builder(AggregatedDiscoveryServiceGrpc.SERVICE_NAME)
                .addMethod(methods.stateOfTheWorld(), (call, headers) -> open(call, new Variant.StateOfTheWorld()))
                .addMethod(methods.delta(), (call, headers) -> open(call, new Variant.Delta()))
                .build();
    }

    private <Q, S extends DiscoveryStream> ServerCall.Listener<Q> open(
            ServerCall<Q, Outgoing> call, Variant<Q, S> variant) {
        if (context.streams.size() >= context.limits.streams()) {
            context.refused();
            call.close(
                    Status.RESOURCE_EXHAUSTED.withDescription("this gateway serves " + context.limits.streams()
                            + " streams, as many as it may; connect to another"),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        AdsStream<Q, S> stream = new AdsStream<>(call, variant, context, loops.current());
        stream.open();
        return stream;
    }

    /** Takes no more streams, sends the clients away over the grace, then closes. */
    @Override
    public void close() {
        healthManager.enterTerminalState();
        server.shutdown();
        try {
            leaveOverTime();
            if (!server.awaitTermination(drainGrace.toMillis(), TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
                if (!server.awaitTermination(drainGrace.toMillis() + 1000, TimeUnit.MILLISECONDS)) {
                    throw new IllegalStateException("the xDS server does not end");
                }
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        } finally {
            loops.close();
        }
    }

    /** Not all at once, so that the other gateways do not get them all at once. */
    private void leaveOverTime() throws InterruptedException {
        List<AdsStream<?, ?>> streams = List.copyOf(context.streams);
        long steps = Math.max(1, drainGrace.toMillis() / 2 / DRAIN_STEP.toMillis());
        int perStep = Math.toIntExact(Math.max(1, (streams.size() + steps - 1) / steps));
        for (int i = 0; i < streams.size(); i++) {
            streams.get(i).drainAway();
            if ((i + 1) % perStep == 0 && i + 1 < streams.size()) {
                TimeUnit.MILLISECONDS.sleep(DRAIN_STEP.toMillis());
            }
        }
    }
}
