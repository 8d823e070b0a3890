package io.meridian.gateway;

import io.grpc.Channel;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.MeshCompiler;
import io.meridian.gateway.internal.ads.AdsServer;
import io.meridian.gateway.internal.ads.ConnectionAge;
import io.meridian.gateway.internal.ads.MeshTable;
import io.meridian.gateway.internal.ads.StreamLimits;
import io.meridian.gateway.internal.feed.Backoff;
import io.meridian.gateway.internal.feed.FeedTiming;
import io.meridian.gateway.internal.feed.LocalCopy;
import io.meridian.gateway.internal.feed.MeshFollower;
import io.meridian.gateway.internal.feed.MeshListWatch;
import io.meridian.gateway.internal.metrics.GatewayMetrics;
import io.meridian.gateway.internal.protocol.ProtocolLimits;
import io.meridian.gateway.internal.registry.ProxyRegistry;
import io.meridian.gateway.internal.registry.ProxyReporter;
import io.meridian.gateway.internal.registry.Publishes;
import io.meridian.gateway.internal.warm.WarmUp;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running gateway: one server at the xDS address, one thread per mesh that is followed. Thread-safe.
 *
 * <p>It follows the feed whenever the core can be reached and serves what it last knew, from memory or from disk, when it cannot.
 */
public final class Gateway implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final GatewaySettings settings;
    private final MeshTable meshes;
    private final MeshListWatch watch;
    private final ProxyRegistry registry;
    private final ProxyReporter reporter;
    private final AdsServer server;
    private final ScheduledThreadPoolExecutor housekeeping;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Gateway(
            GatewaySettings settings, Channel feed, Function<MeshId, MeshCompiler> compilers, MeterRegistry meters)
            throws IOException {
        this.settings = settings;
        GatewaySettings.Limits limits = settings.limits();
        RandomGenerator random = RandomGenerator.getDefault();
        GatewayMetrics metrics = new GatewayMetrics(meters);
        FeedTiming timing = new FeedTiming(
                limits.inventoryDebounce(),
                limits.configurationDebounce(),
                FIRST_BACKOFF,
                limits.mostBackoff(),
                limits.feedSilence(),
                limits.copyInterval());
        housekeeping = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("gateway").daemon().factory());
        housekeeping.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        housekeeping.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        ProxyRegistry proxies =
                new ProxyRegistry(settings.region(), settings.gatewayId(), System::nanoTime, InstantSource.system());
        registry = proxies;
        meshes = new MeshTable((mesh, onChange) -> new MeshFollower(
                mesh,
                () -> compilers.apply(mesh),
                feed,
                settings.gatewayId(),
                settings.dataDirectory()
                        .map(directory ->
                                new LocalCopy(copyOf(directory, mesh), mesh, housekeeping, timing.copyInterval()))
                        .orElse(null),
                metrics,
                new Publishes(proxies, mesh),
                timing,
                random,
                onChange));
        metrics.rejecting(registry::rejecting);
        reporter = new ProxyReporter(
                settings.gatewayId(), feed, registry, new Backoff(FIRST_BACKOFF, limits.mostBackoff(), random));
        server = new AdsServer(
                new AdsServer.Listening(
                        new InetSocketAddress(settings.host(), settings.port()),
                        limits.streamsPerConnection(),
                        limits.requestBytes(),
                        limits.keepAlive(),
                        new ConnectionAge(limits.connectionAge(), limits.connectionAgeGrace()),
                        limits.drainGrace(),
                        "meridian/" + settings.region() + "/" + settings.gatewayId()),
                meshes,
                registry,
                metrics,
                new StreamLimits(
                        limits.streams(),
                        limits.bytesInFlight(),
                        limits.stallLimit(),
                        limits.meshWait(),
                        new ProtocolLimits(
                                limits.namesPerStream(),
                                limits.chunkBytes(),
                                limits.waveLimit(),
                                ProtocolLimits.DEFAULT.subscribeGrace(),
                                ProtocolLimits.DEFAULT.firstRequestGrace())),
                LOG);
        watch = new MeshListWatch(feed, housekeeping, timing, random, found -> meshes.add(found, true));
    }

    /**
     * Starts serving and following, and warms up if it is to. The port is open when this returns, and while it warms up; the health service
     * says SERVING after that, once every mesh is caught up with the core or loaded from its local copy.
     *
     * @param feed to the core of the gateway's region; stays the caller's, who closes it after the gateway
     * @param compilers makes a compiler of a mesh, which is then used by one thread only; asked again when one failed
     * @throws IOException if the address cannot be listened on
     */
    public static Gateway start(
            GatewaySettings settings, Channel feed, Function<MeshId, MeshCompiler> compilers, MeterRegistry meters)
            throws IOException {
        Gateway gateway = new Gateway(settings, feed, compilers, meters);
        gateway.begin(compilers);
        return gateway;
    }

    private void begin(Function<MeshId, MeshCompiler> compilers) {
        meshes.add(copies(), false);
        watch.start();
        reporter.start();
        WarmUp.run(compilers, settings.limits().warmUp());
        server.admit();
        LOG.info("gateway started gateway={} region={} xds={}", settings.gatewayId(), settings.region(), address());
    }

    private Set<MeshId> copies() {
        Optional<Path> directory = settings.dataDirectory().map(Gateway::copiesIn);
        if (directory.isEmpty() || !Files.isDirectory(directory.get())) {
            return Set.of();
        }
        Set<MeshId> found = new TreeSet<>();
        try (Stream<Path> children = Files.list(directory.get())) {
            children.filter(child -> Files.exists(child.resolve("snapshot")))
                    .map(child -> child.getFileName().toString())
                    .filter(MeshId::isValid)
                    .forEach(name -> found.add(new MeshId(name)));
        } catch (IOException e) {
            LOG.warn("local copies cannot be listed directory={} error={}", directory.get(), e.toString());
        }
        return found;
    }

    private static Path copiesIn(Path directory) {
        return directory.resolve("meshes");
    }

    private static Path copyOf(Path directory, MeshId mesh) {
        return copiesIn(directory).resolve(mesh.value());
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.address();
    }

    /** What the health service says. */
    public boolean serving() {
        return server.serving();
    }

    /** Every proxy that is connected to this gateway. */
    public List<ProxyStatus> proxies() {
        return registry.list();
    }

    /**
     * How much of a mesh is known.
     *
     * @param state WAITING, LOCAL_COPY, FOLLOWING or UNREADABLE
     * @param position of the last event that was folded
     * @param staleness time since the core last said anything about it
     */
    public record MeshStatus(MeshId mesh, String state, boolean deleted, Position position, Duration staleness) {}

    public List<MeshStatus> meshes() {
        return meshes.all().stream()
                .map(mesh -> new MeshStatus(
                        mesh.mesh(),
                        mesh.state().name(),
                        mesh.deleted(),
                        mesh.head().position(),
                        mesh.staleness()))
                .toList();
    }

    /** Sends the proxies away, writes the local copies and ends. Idempotent. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        server.close();
        watch.close();
        meshes.all().forEach(MeshFollower::close);
        reporter.close();
        housekeeping.shutdown();
        try {
            if (!housekeeping.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("local copies are still being written");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LOG.info("gateway closed gateway={}", settings.gatewayId());
    }
}
