package io.meridian.gateway.internal.warm;

import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.MeshCompiler;
import io.meridian.gateway.internal.ads.AdsServer;
import io.meridian.gateway.internal.ads.ConnectionAge;
import io.meridian.gateway.internal.ads.MeshTable;
import io.meridian.gateway.internal.ads.StreamLimits;
import io.meridian.gateway.internal.feed.FeedTiming;
import io.meridian.gateway.internal.feed.MeshFollower;
import io.meridian.gateway.internal.metrics.GatewayMetrics;
import io.meridian.gateway.internal.protocol.ProtocolLimits;
import io.meridian.gateway.internal.registry.ProxyRegistry;
import io.meridian.gateway.internal.registry.Publishes;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.helpers.NOPLogger;

/**
 * A gateway's inner parts with a registry and meters of their own that nobody asks: the server on a port of loopback, the mesh's follower, the
 * compiler. Confined to one thread.
 */
final class WarmServer implements AutoCloseable {
    private static final String NAME = "warm-up";
    private static final int MOST_STREAMS = 1000;
    private static final int REQUEST_BYTES = 1 << 20;
    private static final long BYTES_IN_FLIGHT = 8 << 20;
    private static final Duration STALL_LIMIT = Duration.ofSeconds(10);
    /** What is not asked for need not be: nothing waits for it long. */
    private static final Duration SUBSCRIBE_GRACE = Duration.ofMillis(200);

    private static final Duration DRAIN_GRACE = Duration.ofMillis(100);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ProxyRegistry registry = new ProxyRegistry(NAME, NAME, System::nanoTime, InstantSource.system());
    private final WarmMesh mesh;
    private final WarmFeed feed;
    private final MeshTable meshes;
    private final AdsServer server;

    WarmServer(Function<MeshId, MeshCompiler> compilers, int services) throws IOException {
        mesh = new WarmMesh(services);
        feed = new WarmFeed(mesh.whole());
        GatewayMetrics metrics = new GatewayMetrics(meters);
        meshes = new MeshTable((id, onChange) -> new MeshFollower(
                id,
                () -> compilers.apply(id),
                feed,
                NAME,
                null,
                metrics,
                new Publishes(registry, id),
                FeedTiming.DEFAULT,
                RandomGenerator.getDefault(),
                onChange));
        server = new AdsServer(
                new AdsServer.Listening(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        MOST_STREAMS,
                        REQUEST_BYTES,
                        KEEP_ALIVE,
                        ConnectionAge.UNBOUNDED,
                        DRAIN_GRACE,
                        NAME),
                meshes,
                registry,
                metrics,
                new StreamLimits(
                        MOST_STREAMS,
                        BYTES_IN_FLIGHT,
                        STALL_LIMIT,
                        STALL_LIMIT,
                        new ProtocolLimits(
                                ProtocolLimits.DEFAULT.maxNames(),
                                ProtocolLimits.DEFAULT.chunkBytes(),
                                ProtocolLimits.DEFAULT.waveLimit(),
                                SUBSCRIBE_GRACE,
                                ProtocolLimits.DEFAULT.firstRequestGrace())),
                NOPLogger.NOP_LOGGER);
    }

    /** Follows the mesh from now on. */
    void follow() {
        meshes.add(Set.of(WarmMesh.ID), true);
    }

    InetSocketAddress address() {
        return server.address();
    }

    /** Something else of everything changes. */
    void change() {
        for (FeedMessage message : List.of(mesh.grow(), mesh.move(), mesh.edit())) {
            feed.tell(message);
        }
    }

    /** Whether so many clients are connected, and each has acknowledged all that there is to be had. */
    boolean synced(int clients) {
        Position head = mesh.head();
        List<ProxyStatus> connected = registry.list();
        return connected.size() == clients
                && connected.stream()
                        .allMatch(proxy -> proxy.getState() == ProxyStatus.State.SYNCED
                                && Position.of(proxy.getAcknowledged()).isAtLeast(head));
    }

    @Override
    public void close() {
        try {
            server.close();
        } finally {
            meshes.all().forEach(MeshFollower::close);
            meters.close();
        }
    }
}
