package io.meridian.compiler.translate;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.istio.ConnectionPoolSettings;
import io.meridian.model.istio.Protocol;
import io.meridian.model.istio.TrafficPolicy;
import java.util.List;
import java.util.Optional;

/** A TrafficPolicy, as settings of a cluster. */
public final class ClusterTranslation {
    /**
     * What of a cluster's surroundings its policy depends on.
     *
     * @param defaultLoadBalancing where the policy does not say; unspecified is ROUND_ROBIN
     * @param protocol of the service's port; AUTO: to the service as the client speaks, which Istio does for sidecars only (a gateway's clients
     *     may speak HTTP/2 whatever the service knows, so give HTTP there)
     * @param defaultSni for ISTIO_MUTUAL: {@link ClusterNames#outboundSni}
     * @param external whether the service is outside of the mesh
     */
    public record Context(
            MeshSpec.LoadBalancing defaultLoadBalancing, Protocol protocol, String defaultSni, boolean external) {}

    /** Any address may be connected to, so connections that nobody uses are kept less long than Envoy's hour. */
    private static final Duration PASSTHROUGH_IDLE_TIMEOUT =
            Duration.newBuilder().setSeconds(300).build();

    private ClusterTranslation() {}

    /**
     * What holds for one port: the host's policy, over it the subset's, part by part; in each of them, settings of the port replace all parts that a
     * port can have, also with nothing. The result has no settings of ports.
     */
    public static TrafficPolicy effective(Optional<TrafficPolicy> host, Optional<TrafficPolicy> subset, int port) {
        TrafficPolicy ofHost = atPort(host.orElse(TrafficPolicy.NONE), port);
        if (subset.isEmpty()) {
            return ofHost;
        }
        TrafficPolicy own = subset.get();
        TrafficPolicy merged = new TrafficPolicy(
                own.loadBalancer().or(ofHost::loadBalancer),
                own.connectionPool().or(ofHost::connectionPool),
                own.outlierDetection().or(ofHost::outlierDetection),
                own.tls().or(ofHost::tls),
                own.portLevelSettings(),
                own.tunnel().or(ofHost::tunnel),
                own.proxyProtocol().or(ofHost::proxyProtocol),
                own.retryBudget().or(ofHost::retryBudget));
        return atPort(merged, port);
    }

    private static TrafficPolicy atPort(TrafficPolicy policy, int port) {
        Optional<TrafficPolicy.PortTrafficPolicy> own = policy.forPort(port);
        return new TrafficPolicy(
                own.isPresent() ? own.get().loadBalancer() : policy.loadBalancer(),
                own.isPresent() ? own.get().connectionPool() : policy.connectionPool(),
                own.isPresent() ? own.get().outlierDetection() : policy.outlierDetection(),
                own.isPresent() ? own.get().tls() : policy.tls(),
                List.of(),
                policy.tunnel(),
                policy.proxyProtocol(),
                policy.retryBudget());
    }

    /**
     * Sets all but name, type, endpoints and metadata. The type must be set before: a cluster of ORIGINAL_DST takes the address that the
     * client asked for, whatever the policy says of balancing.
     *
     * @param policy of the port, {@link #effective}
     */
    public static void apply(Cluster.Builder cluster, TrafficPolicy policy, Context context) {
        UpstreamHttp http = new UpstreamHttp();
        if (context.protocol().isHttp2()) {
            http.speakHttp2();
        } else if (context.protocol() == Protocol.AUTO) {
            http.speakAsTheClient();
        }
        ConnectionPools.apply(cluster, http, policy.connectionPool(), policy.retryBudget());
        cluster.getCommonLbConfigBuilder().getHealthyPanicThresholdBuilder();
        policy.outlierDetection().ifPresent(detection -> OutlierEjection.apply(cluster, detection));
        LoadBalancing.apply(cluster, policy.loadBalancer(), context.defaultLoadBalancing());
        policy.tls().ifPresent(tls -> UpstreamTls.apply(cluster, http, tls, context));
        policy.proxyProtocol().ifPresent(version -> UpstreamTls.addProxyProtocol(cluster, version));
        if (cluster.getType() == DiscoveryType.ORIGINAL_DST) {
            cluster.setLbPolicy(LbPolicy.CLUSTER_PROVIDED).clearLbConfig();
        }
        http.applyTo(cluster);
    }

    /**
     * For clusters that are not chosen by a destination: to the application next to the sidecar, and to any address. Of a policy they have the
     * connection pool at most.
     *
     * @param protocol of the port; {@link Protocol#AUTO} for as the client speaks
     */
    public static void applyPool(Cluster.Builder cluster, Optional<ConnectionPoolSettings> pool, Protocol protocol) {
        UpstreamHttp http = new UpstreamHttp();
        if (protocol.isHttp2()) {
            http.speakHttp2();
        } else if (protocol == Protocol.AUTO) {
            http.speakAsTheClient();
        }
        ConnectionPools.apply(cluster, http, pool, Optional.empty());
        if (cluster.getType() == DiscoveryType.ORIGINAL_DST) {
            cluster.setLbPolicy(LbPolicy.CLUSTER_PROVIDED);
            http.common(common -> {
                if (!common.hasIdleTimeout()) {
                    common.setIdleTimeout(PASSTHROUGH_IDLE_TIMEOUT);
                }
            });
        }
        http.applyTo(cluster);
    }
}
