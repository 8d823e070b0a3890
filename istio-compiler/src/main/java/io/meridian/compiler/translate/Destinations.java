package io.meridian.compiler.translate;

import io.meridian.model.istio.Destination;
import io.meridian.model.istio.LoadBalancerSettings.ConsistentHash;
import java.util.Optional;

/** What the translation of a route may ask about where it leads. The answers are the caller's, so that it can note what it depended on. */
public interface Destinations {
    /**
     * The name of the cluster, {@code outbound|9080|v1|reviews.default.svc.cluster.local}; also for hosts, ports and subsets that do not exist:
     * Envoy answers 503 as long as there is no such cluster.
     */
    String cluster(Destination destination);

    /** What its DestinationRule hashes requests by. */
    Optional<ConsistentHash> consistentHash(Destination destination);
}
