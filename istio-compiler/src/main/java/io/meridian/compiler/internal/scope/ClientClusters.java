package io.meridian.compiler.internal.scope;

import io.meridian.compiler.internal.cluster.OutboundCluster;
import io.meridian.compiler.internal.cluster.ServiceClusters;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.EgressListeners;
import io.meridian.compiler.internal.service.Reach;
import io.meridian.compiler.internal.service.RuleFor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The clusters of all services that a client reaches, by service. */
record ClientClusters(Client client, boolean gateway) implements Query<List<OutboundCluster>> {
    @Override
    public List<OutboundCluster> compute(Tracked view) {
        List<OutboundCluster> clusters = new ArrayList<>();
        // A host of two namespaces would give two clusters of one name.
        Set<String> names = new HashSet<>();
        reach(view).forEach((service, ports) -> {
            var rules = view.get(new RuleFor(client.namespace(), client.labels(), service));
            for (OutboundCluster cluster : view.get(new ServiceClusters(service, rules, List.copyOf(ports), gateway))) {
                if (names.add(cluster.resource().name())) {
                    clusters.add(cluster);
                }
            }
        });
        return List.copyOf(clusters);
    }

    private Map<ServiceKey, Set<Integer>> reach(Tracked view) {
        if (!gateway) {
            return view.get(new Reach(client));
        }
        Map<ServiceKey, Set<Integer>> all = new TreeMap<>();
        view.get(new EgressListeners(client.namespace(), client.sidecar()))
                .forEach(listener -> listener.services().values().forEach(service -> all.put(service, Set.of())));
        return all;
    }
}
