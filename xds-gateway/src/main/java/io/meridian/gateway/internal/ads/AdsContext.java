package io.meridian.gateway.internal.ads;

import io.meridian.gateway.internal.metrics.GatewayMetrics;
import io.meridian.gateway.internal.protocol.Sharing;
import io.meridian.gateway.internal.registry.ProxyRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all streams of a gateway share. Thread-safe. */
final class AdsContext {
    private static final Logger LOG = LoggerFactory.getLogger(AdsContext.class);
    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    final MeshTable meshes;
    final ProxyRegistry registry;
    final GatewayMetrics metrics;
    final StreamLimits limits;
    final BytesBudget budget;
    final Sharing sharing;
    final ConnectionAge connectionAge;
    /** Where it is told who comes and goes. */
    final Logger arrivals;
    /** All open streams. */
    final Set<AdsStream<?, ?>> streams = ConcurrentHashMap.newKeySet();
    /** Type URLs that were asked for and are not served; each is logged once. */
    final Set<String> unservedTypes = ConcurrentHashMap.newKeySet();

    final AtomicLong numbers = new AtomicLong();

    private final AtomicLong refusedLoggedNanos = new AtomicLong(System.nanoTime() - LOG_INTERVAL.toNanos());

    AdsContext(
            MeshTable meshes,
            ProxyRegistry registry,
            GatewayMetrics metrics,
            StreamLimits limits,
            String identifier,
            ConnectionAge connectionAge,
            Logger arrivals) {
        this.meshes = meshes;
        this.registry = registry;
        this.metrics = metrics;
        this.limits = limits;
        this.connectionAge = connectionAge;
        this.arrivals = arrivals;
        // What is remembered is there beside what is in flight, for those who get the same a little later.
        sharing = new Sharing(identifier, limits.bytesInFlight() / 2);
        budget = new BytesBudget(limits.bytesInFlight());
        metrics.connectedStreams(streams::size);
        metrics.bytesInFlight(budget::used);
        meshes.onChange(() -> streams.forEach(AdsStream::meshesChanged));
    }

    /** One stream more than there is room for was refused. */
    void refused() {
        metrics.streamRefused();
        long now = System.nanoTime();
        long last = refusedLoggedNanos.get();
        if (now - last > LOG_INTERVAL.toNanos() && refusedLoggedNanos.compareAndSet(last, now)) {
            LOG.warn(
                    "streams are refused, there are as many as may be; give the gateway more heap, or add gateways streams={}",
                    limits.streams());
        }
    }
}
