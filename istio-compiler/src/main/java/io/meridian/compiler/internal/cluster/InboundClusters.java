package io.meridian.compiler.internal.cluster;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.BindConfig;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Fact;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.listener.InboundPort;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.compiler.translate.ClusterTranslation;
import io.meridian.compiler.translate.IstioMetadata;
import java.util.List;
import java.util.Optional;

/** The cluster of the application behind a sidecar's port. */
public record InboundClusters(InboundPort port) implements Query<XdsResource> {
    /** Tells the redirection rules that the connection comes from the sidecar (Istio's inbound passthrough address). */
    static final String SIDECAR_SOURCE = "127.0.0.6";

    @Override
    public List<? extends Fact<?>> origins() {
        return port.origins();
    }

    @Override
    public XdsResource compute(Tracked view) {
        String name = ClusterNames.inbound(port.port());
        Cluster.Builder cluster = Cluster.newBuilder().setName(name).setAltStatName(name + ";");
        if (port.upstream().isPresent()) {
            InboundPort.Upstream upstream = port.upstream().get();
            LbEndpoint.Builder endpoint = LbEndpoint.newBuilder();
            endpoint.getEndpointBuilder().setAddress(Localities.address(upstream.address(), upstream.port()));
            cluster.setType(Cluster.DiscoveryType.STATIC)
                    .setLoadAssignment(ClusterLoadAssignment.newBuilder()
                            .setClusterName(name)
                            .addEndpoints(LocalityLbEndpoints.newBuilder().addLbEndpoints(endpoint)));
        } else {
            cluster.setType(Cluster.DiscoveryType.ORIGINAL_DST)
                    .setLbPolicy(Cluster.LbPolicy.CLUSTER_PROVIDED)
                    .setUpstreamBindConfig(fromSidecar());
        }
        if (!port.host().isEmpty()) {
            cluster.setMetadata(IstioMetadata.ofCluster(
                    Optional.empty(),
                    List.of(new IstioMetadata.Service(port.host(), port.host(), port.namespace())),
                    ""));
        }
        ClusterTranslation.applyPool(cluster, port.pool(), port.protocol());
        return view.resource(XdsType.CLUSTER, name, XdsResource.deterministic(cluster.build()));
    }

    static BindConfig fromSidecar() {
        return BindConfig.newBuilder()
                .setSourceAddress(
                        SocketAddress.newBuilder().setAddress(SIDECAR_SOURCE).setPortValue(0))
                .build();
    }
}
