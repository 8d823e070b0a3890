package io.meridian.replicator;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.ServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.meridian.core.Inventories;
import io.meridian.core.MeshCommands;
import io.meridian.core.MeshLog;
import io.meridian.core.PeerCalls;
import io.meridian.core.PeerRegions;
import io.meridian.core.ProxyDirectory;
import io.meridian.core.Replicas;
import io.meridian.replicator.ReplicatorSettings.PeerSettings;
import io.meridian.replicator.internal.Ports;
import io.meridian.replicator.internal.RegionPeerService;
import io.meridian.replicator.internal.Replication;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A region's share in replication. {@link #create} before the core, which needs {@link #peers}; {@link #start} once the core is there;
 * {@link #close} before the core ends. Thread-safe.
 *
 * <p>It has a small pool of threads that never block, and one timer thread; connections are plaintext HTTP/2 with keepalive.
 */
public final class Replicator implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Replicator.class);
    private static final int THREADS = 4;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration KEEPALIVE = Duration.ofSeconds(10);
    /** Per stream; the connection's own window is refilled regardless, so that a mesh that is not read holds up no other. */
    private static final int FLOW_CONTROL_WINDOW_BYTES = 1024 * 1024;
    /** Peers may ping as often as this; twice as often as they do by default. */
    private static final Duration KEEPALIVE_PERMITTED = Duration.ofSeconds(5);

    private final ReplicatorSettings settings;
    private final ExecutorService pool;
    private final ScheduledExecutorService timer;
    private final RegionPeerService service;
    private final Replication replication;
    private final PeerRegions peers;

    private Replicator(ReplicatorSettings settings, EventTransport transport) {
        this.settings = settings;
        pool = Executors.newFixedThreadPool(
                THREADS, Thread.ofPlatform().daemon().name("replicator-", 0).factory());
        timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("replicator-timer").factory());
        service = new RegionPeerService(settings, pool);
        replication = new Replication(settings, this::channel, service, pool, transport);
        peers = new Peers(
                List.<PeerRegions.Peer>copyOf(replication.links()), () -> replication.transport(settings.self()));
    }

    /** Opens no connection yet. */
    public static Replicator create(ReplicatorSettings settings) {
        return create(settings, EventTransport.NONE);
    }

    /** {@code transport}: started and closed with the replicator. */
    public static Replicator create(ReplicatorSettings settings, EventTransport transport) {
        return new Replicator(settings, transport);
    }

    /**
     * What the server that offers {@link #service} has to permit: the peers' keepalive pings and their largest messages; it pings as
     * well, so that streams of peers that are gone end. To be called on its builder.
     */
    public static void permit(ServerBuilder<?> server) {
        server.permitKeepAliveTime(KEEPALIVE_PERMITTED.toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(KEEPALIVE.toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(KEEPALIVE.dividedBy(2).toMillis(), TimeUnit.MILLISECONDS)
                .maxInboundMessageSize(ReplicatorSettings.Limits.DEFAULTS.maxMessageBytes());
    }

    /** The other regions; silent ones until {@link #start}. */
    public PeerRegions peers() {
        return peers;
    }

    /** For the server at this region's peer address; answers UNAVAILABLE until {@link #start}. */
    public BindableService service() {
        return service;
    }

    /**
     * Begins to follow, to be followed, and to share inventory. Once.
     *
     * @param duties what this region does for others who ask
     */
    public void start(
            MeshLog meshLog,
            MeshCommands commands,
            Replicas replicas,
            Inventories inventories,
            ProxyDirectory proxies,
            PeerCalls duties) {
        replication.start(new Ports(meshLog, commands, replicas, inventories, proxies, duties));
        long tickMillis = settings.timings().tick().toMillis();
        var _ = timer.scheduleWithFixedDelay(this::tick, tickMillis, tickMillis, TimeUnit.MILLISECONDS);
        log.info(
                "replication started region={} peers={} transport={}",
                settings.self(),
                settings.peers().size(),
                replication.transport().name());
    }

    /** How each mesh that any region knows stands here, by name. */
    public List<MeshReplication> meshes() {
        return replication.meshes();
    }

    /** How the topics of the regions stand, if there are any. */
    public List<TopicStatus> topics() {
        return replication.transport().topics();
    }

    /** Ends all streams and connections. */
    @Override
    public void close() {
        timer.shutdownNow();
        replication.close();
        pool.shutdown();
        try {
            if (!pool.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                pool.shutdownNow();
            }
        } catch (InterruptedException e) {
            pool.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private void tick() {
        try {
            replication.tick();
        } catch (RuntimeException e) {
            // An exception would end the schedule.
            log.error("replication tick failed", e);
        }
    }

    private ManagedChannel channel(PeerSettings peer) {
        Duration keepAlive = settings.timings().keepAlive();
        return NettyChannelBuilder.forTarget("dns:///" + peer.address())
                .usePlaintext()
                .executor(pool)
                .keepAliveTime(keepAlive.toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(keepAlive.dividedBy(2).toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveWithoutCalls(true)
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(settings.limits().maxMessageBytes())
                .build();
    }

    private record Peers(List<PeerRegions.Peer> peers, Supplier<String> ownTransport) implements PeerRegions {
        @Override
        public String transport() {
            return ownTransport.get();
        }

        @Override
        public Optional<PeerRegions.Peer> byIndex(int regionIndex) {
            return peers.stream()
                    .filter(peer -> peer.id().index() == regionIndex)
                    .findFirst();
        }

        @Override
        public Optional<PeerRegions.Peer> byName(String name) {
            return peers.stream().filter(peer -> peer.id().name().equals(name)).findFirst();
        }
    }
}
