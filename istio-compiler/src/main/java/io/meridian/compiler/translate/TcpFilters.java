package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster;
import io.envoyproxy.envoy.type.v3.HashPolicy;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.istio.ConnectionPoolSettings;
import io.meridian.model.istio.Destination;
import io.meridian.model.istio.LoadBalancerSettings;
import io.meridian.model.istio.LoadBalancerSettings.ConsistentHash;
import io.meridian.model.istio.LoadBalancerSettings.HashKey;
import io.meridian.model.istio.Protocol;
import io.meridian.model.istio.TrafficPolicy;
import io.meridian.model.istio.VirtualService.WeightedDestination;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Network filters of connections that are forwarded as they are. */
public final class TcpFilters {
    private static final String TCP_PROXY = "envoy.filters.network.tcp_proxy";
    private static final String MONGO_PROXY = "envoy.filters.network.mongo_proxy";

    private TcpFilters() {}

    /** To one cluster, which also gives its name to the statistics. */
    public static Filter proxy(String cluster, MeshSpec mesh) {
        return proxy(cluster, cluster, TrafficPolicy.NONE, mesh);
    }

    /** {@code policy}: of the destination's port; its idle time and hash of the source address count. */
    public static Filter proxy(String statPrefix, String cluster, TrafficPolicy policy, MeshSpec mesh) {
        return filter(common(statPrefix, policy, mesh).setCluster(cluster));
    }

    /**
     * By weight. A lone destination gets everything; of several, those without weight get nothing.
     *
     * @param clusters the names of the destinations' clusters
     * @param policy of the first destination's port, as in Istio
     */
    public static Filter proxy(
            String statPrefix,
            List<WeightedDestination> route,
            Function<Destination, String> clusters,
            TrafficPolicy policy,
            MeshSpec mesh) {
        if (route.size() == 1) {
            return proxy(statPrefix, clusters.apply(route.getFirst().destination()), policy, mesh);
        }
        WeightedCluster.Builder weighted = WeightedCluster.newBuilder();
        for (WeightedDestination to : route) {
            if (to.weight() > 0) {
                weighted.addClustersBuilder()
                        .setName(clusters.apply(to.destination()))
                        .setWeight(to.weight());
            }
        }
        if (weighted.getClustersCount() == 0) {
            return proxy(statPrefix, ClusterNames.BLACK_HOLE, policy, mesh);
        }
        return filter(common(statPrefix, policy, mesh).setWeightedClusters(weighted));
    }

    /** What goes before the proxy: Envoy's statistics of MongoDB. Those of MySQL and Redis are off in Istio. */
    public static List<Filter> chain(Protocol protocol, Filter proxy) {
        List<Filter> filters = new ArrayList<>();
        if (protocol == Protocol.MONGO) {
            MongoProxy mongo = MongoProxy.newBuilder().setStatPrefix("mongo").build();
            filters.add(Filter.newBuilder()
                    .setName(MONGO_PROXY)
                    .setTypedConfig(ProtoValues.any(mongo))
                    .build());
        }
        filters.add(proxy);
        return filters;
    }

    private static TcpProxy.Builder common(String statPrefix, TrafficPolicy policy, MeshSpec mesh) {
        TcpProxy.Builder proxy = TcpProxy.newBuilder().setStatPrefix(statPrefix).addAllAccessLog(AccessLogs.of(mesh));
        policy.connectionPool()
                .flatMap(ConnectionPoolSettings::tcp)
                .flatMap(ConnectionPoolSettings.Tcp::idleTimeout)
                .ifPresent(idle -> proxy.setIdleTimeout(ProtoValues.duration(idle)));
        if (hashesSource(policy)) {
            proxy.addHashPolicy(HashPolicy.newBuilder().setSourceIp(HashPolicy.SourceIp.getDefaultInstance()));
        }
        return proxy;
    }

    private static boolean hashesSource(TrafficPolicy policy) {
        return policy.loadBalancer()
                .flatMap(LoadBalancerSettings::algorithm)
                .filter(algorithm -> algorithm instanceof ConsistentHash hash && hash.key() instanceof HashKey.SourceIp)
                .isPresent();
    }

    private static Filter filter(TcpProxy.Builder proxy) {
        return Filter.newBuilder()
                .setName(TCP_PROXY)
                .setTypedConfig(ProtoValues.any(proxy.build()))
                .build();
    }
}
