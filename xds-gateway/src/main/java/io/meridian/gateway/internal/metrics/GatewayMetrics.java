package io.meridian.gateway.internal.metrics;

import io.meridian.compiler.XdsType;
import io.meridian.model.position.MeshId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The gateway's meters. Thread-safe.
 *
 * <p>Those that begin with {@code pilot.} are meant by the names, types and labels of istiod (pilot/pkg/xds/monitoring.go and
 * pkg/xds/monitoring.go of Istio), as far as the gateway measures the same; whoever exposes them has to keep them from being renamed.
 */
public final class GatewayMetrics {
    /** Those of istiod, and three below its first: most of what happens here is over before that. */
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(3),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        Duration.ofSeconds(30)
    };
    /** Those of istiod, in bytes. */
    private static final double[] SIZES = {1, 10_000, 1_000_000, 4_000_000, 10_000_000, 40_000_000};

    private final MeterRegistry registry;
    private final Map<XdsType, Counter> rejects = new EnumMap<>(XdsType.class);
    private final Map<XdsType, DistributionSummary> sizes = new EnumMap<>(XdsType.class);
    private final Counter internalErrors;
    private final Counter writeTimeouts;
    private final Counter refusedStreams;
    private final Timer convergence;
    private final Timer compile;

    public GatewayMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (XdsType type : XdsType.values()) {
            String label = type.shortName().toLowerCase(Locale.ROOT);
            rejects.put(
                    type,
                    Counter.builder("pilot.total.xds.rejects")
                            .description("xDS responses that a proxy refused")
                            .tag("type", label)
                            .register(registry));
            DistributionSummary ofType = DistributionSummary.builder("pilot.xds.config.size.bytes")
                    .description("Sizes of xDS responses")
                    .tag("type", label)
                    .serviceLevelObjectives(SIZES)
                    .register(registry);
            sizes.put(type, ofType);
            // Read off the sizes: a push to thousands counts them once.
            FunctionCounter.builder("pilot.xds.pushes", ofType, DistributionSummary::count)
                    .description("xDS responses sent")
                    .tag("type", label)
                    .register(registry);
        }
        internalErrors = Counter.builder("pilot.total.xds.internal.errors")
                .description(
                        "What the gateway failed on: streams, changes that could not be compiled, other work for a mesh")
                .register(registry);
        writeTimeouts = Counter.builder("pilot.xds.write.timeout")
                .description("Streams that were ended because the client did not read")
                .register(registry);
        refusedStreams = Counter.builder("meridian.gateway.streams.refused")
                .description("Streams that were refused because the gateway has as many as it has room for")
                .register(registry);
        convergence = Timer.builder("pilot.proxy.convergence.time")
                .description("From a change's arrival at the gateway until a proxy has acknowledged all of it")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        compile = Timer.builder("meridian.gateway.compile")
                .description("Compiling one change for all connected proxies of a mesh")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        FunctionCounter.builder("meridian.gateway.sent", sizes, GatewayMetrics::totalAmount)
                .description("xDS responses sent")
                .baseUnit("bytes")
                .register(registry);
    }

    public void pushed(XdsType type, long bytes) {
        of(sizes, type).record((double) bytes);
    }

    private static double totalAmount(Map<XdsType, DistributionSummary> sizes) {
        return sizes.values().stream()
                .mapToDouble(DistributionSummary::totalAmount)
                .sum();
    }

    /** A stream failed for a reason of the gateway's own. */
    public void internalError() {
        internalErrors.increment();
    }

    /** A client was cut off since it did not read. */
    public void writeTimedOut() {
        writeTimeouts.increment();
    }

    /** There were as many streams as there is room for. */
    public void streamRefused() {
        refusedStreams.increment();
    }

    /** {@code rejecting}: how many connected proxies refuse the last response of each type. */
    public void rejecting(Supplier<Map<XdsType, Integer>> rejecting) {
        for (XdsType type : List.of(XdsType.CLUSTER, XdsType.ENDPOINT, XdsType.LISTENER, XdsType.ROUTE)) {
            String label = type.shortName().toLowerCase(Locale.ROOT);
            Gauge.builder(
                            "pilot.xds." + label + ".reject",
                            () -> rejecting.get().getOrDefault(type, 0))
                    .description("Connected proxies that refuse the last " + type.shortName() + " response")
                    .register(registry);
        }
    }

    public void rejected(XdsType type) {
        of(rejects, type).increment();
    }

    public void converged(Duration time) {
        convergence.record(time);
    }

    public void compiled(Duration time) {
        compile.record(time);
    }

    /** A change could not be compiled for all of a mesh, or for the proxies of one scope. */
    public void compileFailed(MeshId mesh) {
        internalErrors.increment();
        Counter.builder("meridian.gateway.compile.failures")
                .description(
                        "Changes that could not be compiled for some of a mesh's proxies, which keep their last view")
                .tag("mesh", mesh.value())
                .register(registry)
                .increment();
    }

    public void connectedStreams(Supplier<Number> streams) {
        Gauge.builder("pilot.xds", streams).description("Connected xDS streams").register(registry);
    }

    public void bytesInFlight(Supplier<Number> bytes) {
        Gauge.builder("meridian.gateway.bytes.in.flight", bytes)
                .description("Response bytes that are handed to the transport and not yet taken by the client")
                .baseUnit("bytes")
                .register(registry);
    }

    public void staleness(MeshId mesh, Supplier<Number> seconds) {
        Gauge.builder("meridian.gateway.feed.staleness", seconds)
                .description("Time since the region's core last said something about the mesh")
                .tag("mesh", mesh.value())
                .baseUnit("seconds")
                .register(registry);
    }

    public void rolloutsHalted(MeshId mesh, Supplier<Number> halted) {
        Gauge.builder("meridian.gateway.rollouts.halted", halted)
                .description("Resources of which canaries refused a version, which no other proxy of the mesh is given")
                .tag("mesh", mesh.value())
                .register(registry);
    }

    private static <T> T of(Map<XdsType, T> meters, XdsType type) {
        T meter = meters.get(type);
        if (meter == null) {
            throw new IllegalStateException("every type has its meter: " + type);
        }
        return meter;
    }
}
