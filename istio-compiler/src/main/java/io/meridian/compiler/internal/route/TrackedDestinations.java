package io.meridian.compiler.internal.route;

import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.MergedRule;
import io.meridian.compiler.internal.service.RuleFor;
import io.meridian.compiler.internal.service.ServiceFor;
import io.meridian.compiler.internal.service.ServicePort;
import io.meridian.compiler.internal.service.ServicePorts;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.compiler.translate.ClusterTranslation;
import io.meridian.compiler.translate.Destinations;
import io.meridian.model.istio.Destination;
import io.meridian.model.istio.DestinationRule;
import io.meridian.model.istio.HostNames;
import io.meridian.model.istio.LoadBalancerSettings;
import io.meridian.model.istio.LoadBalancerSettings.ConsistentHash;
import io.meridian.model.istio.TrafficPolicy;
import java.util.List;
import java.util.Optional;

/**
 * Destinations of one VirtualService, looked up through the view.
 *
 * @param namespace of the VirtualService: where short names are resolved
 * @param listenerPort what is meant where neither the destination nor the service leaves one port only
 */
public record TrackedDestinations(Tracked view, Client client, String namespace, int listenerPort)
        implements Destinations {
    @Override
    public String cluster(Destination destination) {
        String host = HostNames.resolve(destination.host(), namespace);
        return ClusterNames.outbound(
                port(destination, host), destination.subset().orElse(""), host);
    }

    private int port(Destination destination, String host) {
        if (destination.port().isPresent()) {
            return destination.port().getAsInt();
        }
        List<ServicePort> ports = view.get(new ServiceFor(client.namespace(), host))
                .map(service -> view.get(new ServicePorts(service)))
                .orElse(List.of());
        return ports.size() == 1 ? ports.getFirst().number() : listenerPort;
    }

    @Override
    public Optional<ConsistentHash> consistentHash(Destination destination) {
        return policy(destination)
                .loadBalancer()
                .flatMap(LoadBalancerSettings::algorithm)
                .flatMap(algorithm -> algorithm instanceof ConsistentHash hash ? Optional.of(hash) : Optional.empty());
    }

    /** What applies to the destination. */
    public TrafficPolicy policy(Destination destination) {
        String host = HostNames.resolve(destination.host(), namespace);
        Optional<ServiceKey> service = view.get(new ServiceFor(client.namespace(), host));
        return service.map(key -> policy(key, port(destination, host), destination.subset()))
                .orElse(TrafficPolicy.NONE);
    }

    private TrafficPolicy policy(ServiceKey service, int port, Optional<String> subset) {
        MergedRule.Policies policies =
                view.get(new MergedRule(view.get(new RuleFor(client.namespace(), client.labels(), service))));
        return ClusterTranslation.effective(
                policies.trafficPolicy(),
                subset.flatMap(policies::subset).flatMap(DestinationRule.Subset::trafficPolicy),
                port);
    }
}
