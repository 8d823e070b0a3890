package io.meridian.compiler.internal.grpc;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.cluster.Assignment;
import io.meridian.compiler.internal.cluster.ClusterSlot;
import io.meridian.compiler.internal.cluster.LocalityPreference;
import io.meridian.compiler.internal.cluster.OutboundCluster;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Endpoint;
import io.meridian.compiler.internal.service.EndpointsOf;
import io.meridian.compiler.internal.service.MeshValues;
import io.meridian.compiler.translate.GrpcClusters;
import io.meridian.model.istio.TrafficPolicy;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The clusters of a service: one per port, and one per port and subset.
 *
 * @param rules that apply to the client, of {@code RuleFor}
 * @param ports which of them; empty: all
 */
record TargetClusters(ServiceKey key, List<ResourceKey> rules, List<Integer> ports)
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
        return switch (slot.service().resolution()) {
            case ENDPOINTS -> {
                Assignment assignment = new Assignment(
                        slot.name(), key, slot.port().number(), slot.labels(), LocalityPreference.of(slot.policy()));
                yield Optional.of(
                        resource(view, GrpcClusters.eds(slot.name()), slot.policy(), Optional.of(assignment)));
            }
            case DNS, DNS_ROUND_ROBIN ->
                lookup(view, slot).map(cluster -> resource(view, cluster, slot.policy(), Optional.empty()));
            // A client cannot go to where it meant to: it means a name.
            case ORIGINAL_DESTINATION -> Optional.empty();
        };
    }

    /** The one name to look up; empty if there are several. */
    private Optional<Cluster.Builder> lookup(Tracked view, ClusterSlot slot) {
        List<Endpoint> endpoints = view.get(new EndpointsOf(key, slot.port().number())).stream()
                .filter(endpoint -> endpoint.hasLabels(slot.labels()))
                .toList();
        String host = slot.service().host();
        if (endpoints.isEmpty()) {
            return host.startsWith("*")
                    ? Optional.empty()
                    : Optional.of(GrpcClusters.logicalDns(
                            slot.name(), host, slot.port().targetPort()));
        }
        Endpoint only = endpoints.getFirst();
        return endpoints.size() > 1 || UnixEndpoints.isPath(only)
                ? Optional.empty()
                : Optional.of(GrpcClusters.logicalDns(slot.name(), only.address(), only.port()));
    }

    private static OutboundCluster resource(
            Tracked view, Cluster.Builder cluster, TrafficPolicy policy, Optional<Assignment> assignment) {
        GrpcClusters.apply(cluster, policy, MeshValues.spec(view).getDefaultLoadBalancing());
        XdsResource resource =
                view.resource(XdsType.CLUSTER, cluster.getName(), XdsResource.deterministic(cluster.build()));
        return new OutboundCluster(resource, assignment);
    }
}
