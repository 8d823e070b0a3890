package io.meridian.compiler.translate;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest;
import io.envoyproxy.envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin;
import io.envoyproxy.envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.istio.ConnectionPoolSettings;
import io.meridian.model.istio.ConnectionPoolSettings.Http;
import io.meridian.model.istio.LoadBalancerSettings;
import io.meridian.model.istio.LoadBalancerSettings.ConsistentHash;
import io.meridian.model.istio.LoadBalancerSettings.HashTable;
import io.meridian.model.istio.LoadBalancerSettings.Simple;
import io.meridian.model.istio.OutlierDetection;
import io.meridian.model.istio.TrafficPolicy;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Clusters of proxyless gRPC: a TrafficPolicy in what gRPC reads of a cluster. Connection pools (but for the number of calls), TLS (gRFC A29 needs
 * certificates that the mesh does not issue) and warm-up are not of it.
 */
public final class GrpcClusters {
    /** Clients allow 1,024 calls at once unless told (A32), and Istio breaks no circuit unless asked to. */
    private static final int MOST_CALLS = Integer.MAX_VALUE;

    private static final int DEFAULT_RING_SIZE = 1024;

    private static final int DEFAULT_CONSECUTIVE_ERRORS = 5;

    /** Not all languages have it (A48), and LEAST_REQUEST of a cluster is refused by those: of a list (A52) each takes the first that it has. */
    private static final LoadBalancingPolicy LEAST_REQUEST = policies(WrrLocality.newBuilder()
            .setEndpointPickingPolicy(policies(LeastRequest.getDefaultInstance(), RoundRobin.getDefaultInstance()))
            .build());

    private GrpcClusters() {}

    /** With endpoints that are asked for over ADS under the cluster's name. */
    public static Cluster.Builder eds(String name) {
        return Cluster.newBuilder()
                .setName(name)
                .setType(DiscoveryType.EDS)
                .setEdsClusterConfig(EdsClusterConfig.newBuilder()
                        .setServiceName(name)
                        .setEdsConfig(ConfigSource.newBuilder()
                                .setAds(AggregatedConfigSource.getDefaultInstance())
                                .setResourceApiVersion(ApiVersion.V3)));
    }

    /** With one name that the client looks up (A37, which has no clusters of several names). */
    public static Cluster.Builder logicalDns(String name, String host, int port) {
        LbEndpoint.Builder endpoint = LbEndpoint.newBuilder();
        endpoint.getEndpointBuilder()
                .getAddressBuilder()
                .setSocketAddress(SocketAddress.newBuilder().setAddress(host).setPortValue(port));
        return Cluster.newBuilder()
                .setName(name)
                .setType(DiscoveryType.LOGICAL_DNS)
                .setLoadAssignment(ClusterLoadAssignment.newBuilder()
                        .setClusterName(name)
                        .addEndpoints(LocalityLbEndpoints.newBuilder().addLbEndpoints(endpoint)));
    }

    /** {@code policy}: of the port, {@link ClusterTranslation#effective}; {@code meshDefault}: where it does not say how to balance. */
    public static void apply(Cluster.Builder cluster, TrafficPolicy policy, MeshSpec.LoadBalancing meshDefault) {
        int calls = policy.connectionPool()
                .flatMap(ConnectionPoolSettings::http)
                .map(Http::http2MaxRequests)
                .orElse(OptionalInt.empty())
                .orElse(0);
        cluster.setCircuitBreakers(CircuitBreakers.newBuilder()
                .addThresholds(
                        Thresholds.newBuilder().setMaxRequests(ProtoValues.uint32(calls > 0 ? calls : MOST_CALLS))));
        policy.outlierDetection().ifPresent(detection -> eject(cluster, detection));
        LoadBalancerSettings.Algorithm algorithm =
                policy.loadBalancer().flatMap(LoadBalancerSettings::algorithm).orElse(Simple.UNSPECIFIED);
        switch (algorithm) {
            case Simple simple -> balance(cluster, simple, meshDefault);
            case ConsistentHash hash -> hash(cluster, hash);
        }
    }

    /** RANDOM is refused and PASSTHROUGH has no meaning: both become the default. */
    private static void balance(Cluster.Builder cluster, Simple simple, MeshSpec.LoadBalancing meshDefault) {
        cluster.setLbPolicy(LbPolicy.ROUND_ROBIN);
        boolean leastRequest = switch (simple) {
            case LEAST_CONN, LEAST_REQUEST -> true;
            case UNSPECIFIED -> meshDefault == MeshSpec.LoadBalancing.LEAST_REQUEST;
            case ROUND_ROBIN, RANDOM, PASSTHROUGH -> false;
        };
        if (leastRequest) {
            cluster.setLoadBalancingPolicy(LEAST_REQUEST);
        }
    }

    private static LoadBalancingPolicy policies(Message... inOrder) {
        LoadBalancingPolicy.Builder list = LoadBalancingPolicy.newBuilder();
        for (Message policy : inOrder) {
            list.addPolicies(LoadBalancingPolicy.Policy.newBuilder()
                    .setTypedExtensionConfig(TypedExtensionConfig.newBuilder()
                            .setName(policy.getDescriptorForType().getFullName())
                            .setTypedConfig(ProtoValues.any(policy))));
        }
        return list.build();
    }

    /** By a ring, whatever the table: there is no other (A42). */
    private static void hash(Cluster.Builder cluster, ConsistentHash hash) {
        long asked = switch (hash.table()) {
            case HashTable.Maglev maglev -> maglev.tableSize().orElse(DEFAULT_RING_SIZE);
            case HashTable.RingHash ring -> ring.minimumRingSize().orElse(DEFAULT_RING_SIZE);
        };
        cluster.setLbPolicy(LbPolicy.RING_HASH)
                .getRingHashLbConfigBuilder()
                .setMinimumRingSize(ProtoValues.uint64(asked));
    }

    /**
     * Errors in a row are not counted (A50, Rationale). The nearest that is: endpoints are ejected that failed all calls of an interval, if these
     * are as many as the errors in a row that are asked for.
     */
    private static void eject(Cluster.Builder cluster, OutlierDetection detection) {
        var out = io.envoyproxy.envoy.config.cluster.v3.OutlierDetection.newBuilder()
                .setEnforcingSuccessRate(ProtoValues.uint32(0));
        detection.interval().ifPresent(interval -> out.setInterval(ProtoValues.duration(interval)));
        detection.baseEjectionTime().ifPresent(time -> out.setBaseEjectionTime(ProtoValues.duration(time)));
        int most = detection.maxEjectionPercent().orElse(0);
        if (most > 0) {
            out.setMaxEjectionPercent(ProtoValues.uint32(most));
        }
        IntStream.of(
                        detection.consecutive5xxErrors().orElse(DEFAULT_CONSECUTIVE_ERRORS),
                        detection.consecutiveGatewayErrors().orElse(0))
                .filter(errors -> errors > 0)
                .min()
                .ifPresent(errors -> out.setEnforcingFailurePercentage(ProtoValues.uint32(100))
                        // What exceeds it is ejected.
                        .setFailurePercentageThreshold(ProtoValues.uint32(99))
                        .setFailurePercentageMinimumHosts(ProtoValues.uint32(1))
                        .setFailurePercentageRequestVolume(ProtoValues.uint32(errors)));
        cluster.setOutlierDetection(out);
    }
}
