package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig.LocalityWeightedLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.SlowStartConfig;
import io.envoyproxy.envoy.config.core.v3.RuntimeDouble;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.istio.LoadBalancerSettings;
import io.meridian.model.istio.LoadBalancerSettings.ConsistentHash;
import io.meridian.model.istio.LoadBalancerSettings.HashTable;
import io.meridian.model.istio.LoadBalancerSettings.LocalityLoadBalancing;
import io.meridian.model.istio.LoadBalancerSettings.Simple;
import io.meridian.model.istio.LoadBalancerSettings.Warmup;
import java.util.Optional;

/** How endpoints are chosen. */
final class LoadBalancing {
    private static final long DEFAULT_RING_SIZE = 1024;
    private static final double DEFAULT_WARMUP_MINIMUM_PERCENT = 10;
    private static final double DEFAULT_WARMUP_AGGRESSION = 1;

    /** Envoy requires a key, under which an operator of a single Envoy could override the value; nobody sets this one. */
    private static final String UNUSED_RUNTIME_KEY = "meridian.unset";

    private LoadBalancing() {}

    static void apply(
            Cluster.Builder cluster, Optional<LoadBalancerSettings> settings, MeshSpec.LoadBalancing meshDefault) {
        settings.flatMap(LoadBalancerSettings::locality).ifPresent(locality -> weighLocalities(cluster, locality));
        Optional<Warmup> warmup = settings.flatMap(LoadBalancerSettings::warmup);
        LoadBalancerSettings.Algorithm algorithm =
                settings.flatMap(LoadBalancerSettings::algorithm).orElse(Simple.UNSPECIFIED);
        switch (algorithm) {
            case Simple simple -> applySimple(cluster, simple, warmup, meshDefault);
            case ConsistentHash hash -> applyHash(cluster, hash);
        }
    }

    private static void applySimple(
            Cluster.Builder cluster, Simple simple, Optional<Warmup> warmup, MeshSpec.LoadBalancing meshDefault) {
        switch (simple) {
            case UNSPECIFIED -> applyDefault(cluster, warmup, meshDefault);
            case LEAST_CONN, LEAST_REQUEST -> leastRequest(cluster, warmup);
            case ROUND_ROBIN -> roundRobin(cluster, warmup);
            case RANDOM -> cluster.setLbPolicy(LbPolicy.RANDOM);
            case PASSTHROUGH ->
                cluster.setLbPolicy(LbPolicy.CLUSTER_PROVIDED)
                        .setType(DiscoveryType.ORIGINAL_DST)
                        .clearEdsClusterConfig()
                        .clearLoadAssignment();
        }
    }

    private static void applyDefault(
            Cluster.Builder cluster, Optional<Warmup> warmup, MeshSpec.LoadBalancing meshDefault) {
        switch (meshDefault) {
            case LEAST_REQUEST -> leastRequest(cluster, warmup);
            case RANDOM -> cluster.setLbPolicy(LbPolicy.RANDOM);
            case ROUND_ROBIN, LOAD_BALANCING_UNSPECIFIED, UNRECOGNIZED -> roundRobin(cluster, warmup);
        }
    }

    private static void roundRobin(Cluster.Builder cluster, Optional<Warmup> warmup) {
        cluster.setLbPolicy(LbPolicy.ROUND_ROBIN);
        warmup.ifPresent(slow -> cluster.getRoundRobinLbConfigBuilder().setSlowStartConfig(slowStart(slow)));
    }

    private static void leastRequest(Cluster.Builder cluster, Optional<Warmup> warmup) {
        cluster.setLbPolicy(LbPolicy.LEAST_REQUEST);
        warmup.ifPresent(slow -> cluster.getLeastRequestLbConfigBuilder().setSlowStartConfig(slowStart(slow)));
    }

    private static SlowStartConfig slowStart(Warmup warmup) {
        return SlowStartConfig.newBuilder()
                .setSlowStartWindow(ProtoValues.duration(warmup.duration()))
                .setAggression(RuntimeDouble.newBuilder()
                        .setDefaultValue(warmup.aggression().orElse(DEFAULT_WARMUP_AGGRESSION))
                        .setRuntimeKey(UNUSED_RUNTIME_KEY))
                .setMinWeightPercent(
                        ProtoValues.percent(warmup.minimumPercent().orElse(DEFAULT_WARMUP_MINIMUM_PERCENT)))
                .build();
    }

    private static void applyHash(Cluster.Builder cluster, ConsistentHash hash) {
        switch (hash.table()) {
            case HashTable.Maglev maglev -> {
                cluster.setLbPolicy(LbPolicy.MAGLEV);
                maglev.tableSize()
                        .ifPresent(size -> cluster.getMaglevLbConfigBuilder().setTableSize(ProtoValues.uint64(size)));
            }
            case HashTable.RingHash ring ->
                cluster.setLbPolicy(LbPolicy.RING_HASH)
                        .getRingHashLbConfigBuilder()
                        .setMinimumRingSize(
                                ProtoValues.uint64(ring.minimumRingSize().orElse(DEFAULT_RING_SIZE)));
        }
    }

    /**
     * Where localities have weights, and where endpoints have priorities by locality. The latter needs outlier detection: without it no endpoint
     * is ever unhealthy, so that nothing would fail over.
     */
    private static void weighLocalities(Cluster.Builder cluster, LocalityLoadBalancing locality) {
        boolean failover = cluster.hasOutlierDetection()
                && !(locality.failover().isEmpty()
                        && locality.failoverPriority().isEmpty());
        boolean enabled = locality.enabled().orElse(true);
        if (enabled && (failover || !locality.distribute().isEmpty())) {
            cluster.getCommonLbConfigBuilder()
                    .setLocalityWeightedLbConfig(LocalityWeightedLbConfig.getDefaultInstance());
        }
    }
}
