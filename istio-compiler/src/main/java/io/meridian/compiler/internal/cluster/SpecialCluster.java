package io.meridian.compiler.internal.cluster;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.compiler.translate.ClusterTranslation;
import io.meridian.model.istio.ConnectionPoolSettings;
import io.meridian.model.istio.Protocol;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** A cluster that is no service's. */
public record SpecialCluster(Kind kind) implements Query<XdsResource> {
    private static final com.google.protobuf.Duration CONNECT_TIMEOUT =
            com.google.protobuf.Duration.newBuilder().setSeconds(10).build();

    /** Connections to unknown places are not kept for long. */
    private static final ConnectionPoolSettings SHORT_LIVED = new ConnectionPoolSettings(
            Optional.empty(),
            Optional.of(new ConnectionPoolSettings.Http(
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    Optional.of(Duration.ofMinutes(5)),
                    ConnectionPoolSettings.H2UpgradePolicy.DEFAULT,
                    false,
                    OptionalInt.empty(),
                    Optional.empty())));

    public enum Kind {
        BLACK_HOLE,
        PASSTHROUGH,
        INBOUND_PASSTHROUGH
    }

    @Override
    public XdsResource compute(Tracked view) {
        Cluster.Builder cluster = switch (kind) {
            case BLACK_HOLE ->
                Cluster.newBuilder()
                        .setName(ClusterNames.BLACK_HOLE)
                        .setAltStatName(ClusterNames.BLACK_HOLE + ";")
                        .setType(Cluster.DiscoveryType.STATIC)
                        .setConnectTimeout(CONNECT_TIMEOUT);
            case PASSTHROUGH -> passthrough(ClusterNames.PASSTHROUGH);
            case INBOUND_PASSTHROUGH ->
                passthrough(ClusterNames.INBOUND_PASSTHROUGH).setUpstreamBindConfig(InboundClusters.fromSidecar());
        };
        return view.resource(XdsType.CLUSTER, cluster.getName(), XdsResource.deterministic(cluster.build()));
    }

    private static Cluster.Builder passthrough(String name) {
        Cluster.Builder cluster = Cluster.newBuilder()
                .setName(name)
                .setAltStatName(ClusterNames.PASSTHROUGH + ";")
                .setType(Cluster.DiscoveryType.ORIGINAL_DST)
                .setLbPolicy(Cluster.LbPolicy.CLUSTER_PROVIDED);
        ClusterTranslation.applyPool(cluster, Optional.of(SHORT_LIVED), Protocol.AUTO);
        return cluster;
    }
}
