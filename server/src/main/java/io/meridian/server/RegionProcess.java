package io.meridian.server;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.meridian.compiler.IstioCompiler;
import io.meridian.core.CoreSettings;
import io.meridian.core.RegionCore;
import io.meridian.core.RegionSystem;
import io.meridian.core.admin.AdminServices;
import io.meridian.core.admin.LocalRegion;
import io.meridian.core.admin.ReplicaProgress;
import io.meridian.core.feed.FeedService;
import io.meridian.core.rpc.Entrance;
import io.meridian.gateway.Gateway;
import io.meridian.gateway.GatewaySettings;
import io.meridian.kafka.KafkaTransport;
import io.meridian.replicator.EventTransport;
import io.meridian.replicator.Replicator;
import io.meridian.replicator.ReplicatorSettings;
import io.meridian.replicator.ReplicatorSettings.PeerSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node of a region with everything that belongs to it: core, replicator, admin API, a gateway. Parts are started from the inside out and
 * ended the other way round.
 */
final class RegionProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RegionProcess.class);
    private static final Duration ACTORS_END = Duration.ofSeconds(10);

    /** Ends one part. */
    @FunctionalInterface
    private interface End {
        void run() throws Exception;
    }

    private record Addresses(HostPort admin, HostPort peer, HostPort xds) {}

    private final Deque<End> ends = new ArrayDeque<>();
    private volatile boolean ready;
    private Addresses addresses = new Addresses(new HostPort("", 0), new HostPort("", 0), new HostPort("", 0));

    private RegionProcess() {}

    /** Returns once the region takes commands and serves proxies. What was started is ended if a later part cannot start. */
    static RegionProcess start(ServerConfig config) throws Exception {
        RegionProcess process = new RegionProcess();
        try {
            process.startParts(config);
            return process;
        } catch (Exception e) {
            process.close();
            throw e;
        }
    }

    private void startParts(ServerConfig config) throws Exception {
        Observability observability = new Observability(config.metricsBind(), () -> ready);
        ends.push(observability::close);

        Config system =
                RegionSystem.config(config.dataDir(), config.clusterPort(), config.seedPorts(), withoutOwnHook(config));
        CoreSettings settings = CoreSettings.of(system, config.region(), config.dataDir());

        EventTransport transport = transport(config, settings.witness());
        ends.push(transport::close);
        Replicator replicator = Replicator.create(
                new ReplicatorSettings(
                        config.region(),
                        config.peers().stream()
                                .map(peer -> new PeerSettings(
                                        peer.id(),
                                        peer.address().toString(),
                                        peer.adminAddress(),
                                        peer.xdsAddress(),
                                        peer.witness(),
                                        peer.reserve()))
                                .toList(),
                        settings.witness()),
                transport);

        ActorSystem<?> actors = RegionSystem.create(system);
        RegionCore[] core = new RegionCore[1];
        ends.push(() -> end(actors, core[0]));
        core[0] = RegionCore.start(actors, settings, replicator.peers());
        RegionCore ports = core[0];

        ends.push(replicator::close);
        FeedService feed = new FeedService(ports.states(), ports.log(), ports.inventories(), ports.proxies());
        ends.push(feed::close);
        ReplicationMetrics metrics = new ReplicationMetrics(replicator, observability.registry());
        ends.push(metrics::close);
        Entrance gateways = new Entrance(List.of(feed));
        List<ServerServiceDefinition> offered = new ArrayList<>(gateways.definitions());
        offered.add(replicator.service().bindService());
        Server peer = GrpcServers.start("meridian.peer.bind", config.peerBind(), offered, Replicator::permit);
        ends.push(() -> GrpcServers.stop(peer));
        ends.push(gateways::leave);
        // Peers that this region calls call back at once: they must find it listening.
        replicator.start(
                ports.log(), ports.commands(), ports.replicas(), ports.inventories(), ports.proxies(), ports.duties());

        Gateway gateway = gateway(config, settings.shared(), feed, observability);
        HostPort xds = HostPort.of(gateway.address());

        HostPort adminAddress = config.adminBind().withPort();
        LocalRegion self = new LocalRegion(
                config.region(), adminAddress.toString(), xds.toString(), settings.witness(), settings.reserve());
        ReplicaProgress growth = ReplicaProgress.start(config.region(), ports.log(), replicator.peers());
        ends.push(growth::close);
        Entrance entrance = new Entrance(new AdminServices(
                        self,
                        ports.commands(),
                        ports.states(),
                        ports.log(),
                        ports.inventories(),
                        ports.proxies(),
                        replicator.peers(),
                        growth,
                        ports.moves(),
                        new LogCompiler(),
                        InstantSource.system())
                .services());
        Server admin = GrpcServers.start("meridian.admin.bind", adminAddress, entrance.definitions());
        ends.push(() -> GrpcServers.stop(admin));
        ends.push(entrance::leave);

        addresses = new Addresses(adminAddress, new HostPort(config.peerBind().host(), peer.getPort()), xds);
        ready = true;
    }

    /** A witness keeps no events. Kafka's classes are loaded only where it is used. */
    private static EventTransport transport(ServerConfig config, boolean witness) {
        if (config.kafka().isEmpty() || witness) {
            return EventTransport.NONE;
        }
        try {
            return KafkaTransport.create(
                    config.region(),
                    config.peers().stream()
                            .filter(peer -> !peer.witness())
                            .map(ServerConfig.Peer::id)
                            .toList(),
                    config.kafka().get());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("meridian.replication.kafka: " + e.getMessage());
        }
    }

    /** The gateway of this process follows the same feed as one that runs alone, without the network. */
    private Gateway gateway(ServerConfig config, boolean shared, FeedService feed, Observability observability)
            throws Exception {
        String name = "feed-" + ProcessHandle.current().pid();
        Server server =
                InProcessServerBuilder.forName(name).addService(feed).build().start();
        ends.push(() -> server.shutdownNow().awaitTermination(1, TimeUnit.SECONDS));
        ManagedChannel channel = InProcessChannelBuilder.forName(name)
                .maxInboundMessageSize(GrpcServers.MAX_FEED_BYTES)
                .build();
        ends.push(channel::shutdownNow);
        // Nodes that share a data directory have a gateway each.
        String suffix = shared ? "-" + config.xdsBind().port() : "";
        GatewaySettings defaults = GatewaySettings.of(
                config.region().name() + "-gateway" + suffix,
                config.region().name(),
                config.xdsBind().host(),
                config.xdsBind().port(),
                config.dataDir().resolve("gateway" + suffix));
        GatewaySettings settings = defaults.with(
                defaults.limits().toBuilder().warmUp(config.warmUp()).build());
        Gateway gateway = Gateway.start(settings, channel, IstioCompiler::new, observability.registry());
        ends.push(gateway::close);
        return gateway;
    }

    /** This process ends its parts itself, in its own order. */
    private static Config withoutOwnHook(ServerConfig config) {
        return ConfigFactory.parseString("pekko.coordinated-shutdown.run-by-jvm-shutdown-hook = off")
                .withFallback(config.own());
    }

    /** Actors first: the core's connections are theirs. */
    private static void end(ActorSystem<?> actors, RegionCore core) throws Exception {
        actors.terminate();
        actors.getWhenTerminated().toCompletableFuture().get(ACTORS_END.toSeconds(), TimeUnit.SECONDS);
        if (core != null) {
            core.close();
        }
    }

    HostPort adminAddress() {
        return addresses.admin();
    }

    HostPort peerAddress() {
        return addresses.peer();
    }

    HostPort xdsAddress() {
        return addresses.xds();
    }

    @Override
    public void close() {
        ready = false;
        while (!ends.isEmpty()) {
            try {
                ends.pop().run();
            } catch (Exception e) {
                LOG.warn("op=stop outcome=failed reason=\"{}\"", e.getMessage(), e);
            }
        }
    }
}
