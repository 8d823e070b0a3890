package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Age;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.model.istio.HostNames;
import io.meridian.model.istio.HttpAction;
import io.meridian.model.istio.HttpRoute;
import io.meridian.model.istio.VirtualService;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The services that a sidecar needs clusters for, with the ports that count; no port for all. Besides what its egress names these are the
 * destinations of the VirtualServices that route it (Istio's SidecarScope).
 */
public record Reach(Client client) implements Query<Map<ServiceKey, Set<Integer>>> {
    @Override
    public boolean isSurvey() {
        return true;
    }

    @Override
    public Map<ServiceKey, Set<Integer>> compute(Tracked view) {
        Map<ServiceKey, Set<Integer>> reached = new TreeMap<>();
        Set<ServiceKey> whole = new TreeSet<>();
        Set<Age> routing = new TreeSet<>();
        for (EgressListener listener : view.get(new EgressListeners(client.namespace(), client.sidecar()))) {
            listener.port()
                    .ifPresentOrElse(
                            port -> listener.services()
                                    .values()
                                    .forEach(service -> reached.computeIfAbsent(service, key -> new TreeSet<>())
                                            .add(port.number())),
                            () -> whole.addAll(listener.services().values()));
            routing.addAll(listener.virtualServices().keySet());
        }
        if (client.sidecar().isPresent()) {
            Set<String> hosts = new TreeSet<>();
            routing.forEach(age -> hosts.addAll(view.get(new DestinationHosts(age.key()))));
            for (String host : hosts) {
                view.get(new ServiceFor(client.namespace(), host)).ifPresent(whole::add);
            }
        }
        whole.forEach(service -> reached.put(service, Set.of()));
        return reached;
    }

    /** In full. */
    private record DestinationHosts(ResourceKey key) implements Query<Set<String>> {
        @Override
        public Set<String> compute(Tracked view) {
            TreeSet<String> hosts = new TreeSet<>();
            for (HttpRoute route : view.get(new HttpRoutesOf(key))) {
                if (route.action() instanceof HttpAction.Forward(var destinations)) {
                    destinations.forEach(
                            to -> hosts.add(resolve(to.destination().host())));
                }
                route.mirrors()
                        .forEach(
                                mirror -> hosts.add(resolve(mirror.destination().host())));
            }
            view.row(Inputs.VIRTUAL_SERVICES, key).ifPresent(service -> {
                service.tls().forEach(route -> addAll(hosts, route.route()));
                service.tcp().forEach(route -> addAll(hosts, route.route()));
            });
            return hosts;
        }

        private void addAll(Set<String> hosts, List<VirtualService.WeightedDestination> route) {
            route.forEach(to -> hosts.add(resolve(to.destination().host())));
        }

        private String resolve(String host) {
            return HostNames.resolve(host, key.namespace());
        }
    }
}
