package io.meridian.gateway.internal.ads;

import io.meridian.gateway.internal.metrics.GatewayMetrics;
import io.meridian.gateway.internal.protocol.Sharing;
import io.meridian.gateway.internal.registry.ProxyRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;

/** What all streams of a gateway share. Thread-safe. */
final class AdsContext {
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
}
