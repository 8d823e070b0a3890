package io.meridian.gateway.internal.metrics;

import io.meridian.compiler.XdsType;
import io.meridian.model.position.MeshId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The gateway's meters. Thread-safe. In Prometheus' writing: {@code pilot_xds_pushes_total{type}}, {@code pilot_total_xds_rejects_total{type}},
 * {@code pilot_proxy_convergence_time_seconds}, {@code pilot_xds} (connected streams), {@code meridian_gateway_feed_staleness_seconds{mesh}},
 * {@code meridian_gateway_compile_seconds}, {@code meridian_gateway_bytes_in_flight_bytes}, {@code meridian_gateway_sent_bytes_total}.
 */
public final class GatewayMetrics {
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(3),
        Duration.ofSeconds(10)
    };

    private final MeterRegistry registry;
    private final Map<XdsType, Counter> pushes = new EnumMap<>(XdsType.class);
    private final Map<XdsType, Counter> rejects = new EnumMap<>(XdsType.class);
    private final Timer convergence;
    private final Timer compile;
    private final Counter sentBytes;

    public GatewayMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (XdsType type : XdsType.values()) {
            pushes.put(
                    type,
                    Counter.builder("pilot.xds.pushes")
                            .description("xDS responses sent")
                            .tag("type", type.shortName().toLowerCase(Locale.ROOT))
                            .register(registry));
            rejects.put(
                    type,
                    Counter.builder("pilot.total.xds.rejects")
                            .description("xDS responses that a proxy refused")
                            .tag("type", type.shortName().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        convergence = Timer.builder("pilot.proxy.convergence.time")
                .description("From a change's arrival at the gateway until a proxy has acknowledged all of it")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        compile = Timer.builder("meridian.gateway.compile")
                .description("Compiling one change for all connected proxies of a mesh")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        sentBytes = Counter.builder("meridian.gateway.sent")
                .description("xDS responses sent")
                .baseUnit("bytes")
                .register(registry);
    }

    public void pushed(XdsType type, long bytes) {
        counter(pushes, type).increment();
        sentBytes.increment((double) bytes);
    }

    public void rejected(XdsType type) {
        counter(rejects, type).increment();
    }

    public void converged(Duration time) {
        convergence.record(time);
    }

    public void compiled(Duration time) {
        compile.record(time);
    }

    /** A change could not be compiled for all of a mesh, or for the proxies of one scope. */
    public void compileFailed(MeshId mesh) {
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

    private static Counter counter(Map<XdsType, Counter> counters, XdsType type) {
        Counter counter = counters.get(type);
        if (counter == null) {
            throw new IllegalStateException("every type has its counter: " + type);
        }
        return counter;
    }
}
