package io.meridian.compiler.internal.grpc;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.cluster.Assignment;
import io.meridian.compiler.internal.cluster.LocalityPreference;
import io.meridian.compiler.internal.cluster.OutboundCluster;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Endpoint;
import io.meridian.compiler.internal.service.EndpointsOf;
import io.meridian.compiler.internal.service.MergedRule;
import io.meridian.compiler.internal.service.MeshValues;
import io.meridian.compiler.internal.service.Service;
import io.meridian.compiler.internal.service.ServiceOf;
import io.meridian.compiler.internal.service.ServicePort;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.compiler.translate.ClusterTranslation;
import io.meridian.compiler.translate.GrpcClusters;
import io.meridian.model.istio.DestinationRule;
import io.meridian.model.istio.Protocol;
import io.meridian.model.istio.TrafficPolicy;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        Optional<Service> service = view.get(new ServiceOf(key));
        if (service.isEmpty()) {
            return List.of();
        }
        MergedRule.Policies policies = view.get(new MergedRule(rules));
        List<OutboundCluster> clusters = new ArrayList<>();
        for (ServicePort port : service.get().ports()) {
            if (port.protocol() == Protocol.UDP || !(ports.isEmpty() || ports.contains(port.number()))) {
                continue;
            }
            cluster(view, service.get(), port, policies, Optional.empty()).ifPresent(clusters::add);
            for (DestinationRule.Subset subset : policies.subsets()) {
                cluster(view, service.get(), port, policies, Optional.of(subset))
                        .ifPresent(clusters::add);
            }
        }
        return List.copyOf(clusters);
    }

    private Optional<OutboundCluster> cluster(
            Tracked view,
            Service service,
            ServicePort port,
            MergedRule.Policies policies,
            Optional<DestinationRule.Subset> subset) {
        String subsetName = subset.map(DestinationRule.Subset::name).orElse("");
        String name = ClusterNames.outbound(port.number(), subsetName, key.host());
        Map<String, String> labels = subset.map(DestinationRule.Subset::labels).orElse(Map.of());
        TrafficPolicy policy = ClusterTranslation.effective(
                policies.trafficPolicy(), subset.flatMap(DestinationRule.Subset::trafficPolicy), port.number());
        return switch (service.resolution()) {
            case ENDPOINTS -> {
                Assignment assignment = new Assignment(name, key, port.number(), labels, LocalityPreference.of(policy));
                yield Optional.of(resource(view, GrpcClusters.eds(name), policy, Optional.of(assignment)));
            }
            case DNS, DNS_ROUND_ROBIN ->
                lookup(view, service, port, labels, name)
                        .map(cluster -> resource(view, cluster, policy, Optional.empty()));
            // A client cannot go to where it meant to: it means a name.
            case ORIGINAL_DESTINATION -> Optional.empty();
        };
    }

    /** The one name to look up; empty if there are several. */
    private Optional<Cluster.Builder> lookup(
            Tracked view, Service service, ServicePort port, Map<String, String> labels, String name) {
        List<Endpoint> endpoints = view.get(new EndpointsOf(key, port.number())).stream()
                .filter(endpoint -> endpoint.hasLabels(labels))
                .toList();
        if (endpoints.isEmpty()) {
            return service.host().startsWith("*")
                    ? Optional.empty()
                    : Optional.of(GrpcClusters.logicalDns(name, service.host(), port.targetPort()));
        }
        Endpoint only = endpoints.getFirst();
        return endpoints.size() > 1 || UnixEndpoints.isPath(only)
                ? Optional.empty()
                : Optional.of(GrpcClusters.logicalDns(name, only.address(), only.port()));
    }

    private static OutboundCluster resource(
            Tracked view, Cluster.Builder cluster, TrafficPolicy policy, Optional<Assignment> assignment) {
        GrpcClusters.apply(cluster, policy, MeshValues.spec(view).getDefaultLoadBalancing());
        XdsResource resource =
                view.resource(XdsType.CLUSTER, cluster.getName(), XdsResource.deterministic(cluster.build()));
        return new OutboundCluster(resource, assignment);
    }
}
