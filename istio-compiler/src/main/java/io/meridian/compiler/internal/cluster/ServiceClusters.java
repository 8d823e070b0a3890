package io.meridian.compiler.internal.cluster;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.EndpointsOf;
import io.meridian.compiler.internal.service.MeshValues;
import io.meridian.compiler.internal.service.Service;
import io.meridian.compiler.internal.service.Service.Resolution;
import io.meridian.compiler.internal.service.ServicePort;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.compiler.translate.ClusterTranslation;
import io.meridian.compiler.translate.IstioMetadata;
import io.meridian.model.istio.Protocol;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The clusters of a service: one per port, and one per port and subset.
 *
 * @param rules that apply to the client, of {@code RuleFor}
 * @param ports which of them; empty: all
 * @param gateway whether the client is a gateway
 */
public record ServiceClusters(ServiceKey key, List<ResourceKey> rules, List<Integer> ports, boolean gateway)
        implements Query<List<OutboundCluster>> {
    @Override
    public List<OutboundCluster> compute(Tracked view) {
        List<OutboundCluster> clusters = new ArrayList<>();
        for (ClusterSlot slot : ClusterSlot.of(view, key, rules, ports)) {
            cluster(view, slot).ifPresent(clusters::add);
        }
        return List.copyOf(clusters);
    }

    private Optional<OutboundCluster> cluster(Tracked view, ClusterSlot slot) {
        Service service = slot.service();
        ServicePort port = slot.port();
        String name = slot.name();
        Cluster.Builder cluster = Cluster.newBuilder()
                .setName(name)
                .setAltStatName(name + ";")
                .setMetadata(IstioMetadata.ofCluster(
                        rules.stream().findFirst(),
                        List.of(new IstioMetadata.Service(key.host(), service.name(), key.namespace())),
                        slot.subset()));
        switch (service.resolution()) {
            case ENDPOINTS -> setEds(cluster, name);
            case DNS -> cluster.setType(Cluster.DiscoveryType.STRICT_DNS);
            case DNS_ROUND_ROBIN -> cluster.setType(Cluster.DiscoveryType.LOGICAL_DNS);
            case ORIGINAL_DESTINATION -> {
                if (gateway) {
                    setEds(cluster, name);
                } else {
                    cluster.setType(Cluster.DiscoveryType.ORIGINAL_DST);
                }
            }
        }
        if (service.resolution() == Resolution.DNS || service.resolution() == Resolution.DNS_ROUND_ROBIN) {
            var endpoints = view.get(new EndpointsOf(key, port.number()));
            var assignment = Localities.inline(name, service, port, endpoints, slot.labels());
            if (assignment.isEmpty()) {
                return Optional.empty();
            }
            cluster.setLoadAssignment(assignment.get());
            setDns(cluster);
        }
        ClusterTranslation.apply(
                cluster,
                slot.policy(),
                new ClusterTranslation.Context(
                        MeshValues.spec(view).getDefaultLoadBalancing(),
                        gateway && port.isSniffed() ? Protocol.HTTP : port.protocol(),
                        ClusterNames.outboundSni(port.number(), slot.subset(), key.host()),
                        service.external()));
        boolean byEds = cluster.getType() == Cluster.DiscoveryType.EDS;
        XdsResource resource = view.resource(XdsType.CLUSTER, name, XdsResource.deterministic(cluster.build()));
        return Optional.of(new OutboundCluster(
                resource,
                byEds
                        ? Optional.of(new Assignment(
                                name, key, port.number(), slot.labels(), LocalityPreference.of(slot.policy())))
                        : Optional.empty()));
    }

    // What replaces the option is an extension that older proxies don't have.
    @SuppressWarnings("deprecation")
    private static void setDns(Cluster.Builder cluster) {
        cluster.setDnsLookupFamily(Cluster.DnsLookupFamily.V4_PREFERRED).setRespectDnsTtl(true);
    }

    private static void setEds(Cluster.Builder cluster, String name) {
        cluster.setType(Cluster.DiscoveryType.EDS)
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder()
                        .setServiceName(name)
                        .setEdsConfig(ConfigSource.newBuilder()
                                .setAds(AggregatedConfigSource.getDefaultInstance())
                                .setInitialFetchTimeout(Duration.getDefaultInstance())
                                .setResourceApiVersion(ApiVersion.V3)));
    }
}
