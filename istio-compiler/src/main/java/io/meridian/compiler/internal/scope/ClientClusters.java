package io.meridian.compiler.internal.scope;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.internal.cluster.Assignment;
import io.meridian.compiler.internal.cluster.OutboundCluster;
import io.meridian.compiler.internal.cluster.ServiceClusters;
import io.meridian.compiler.internal.graph.Chunk;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.EgressListeners;
import io.meridian.compiler.internal.service.Reach;
import io.meridian.compiler.internal.service.RuleFor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.pcollections.PSortedMap;

/** The clusters of all services that a client reaches. */
record ClientClusters(Client client, boolean gateway) implements Query<PSortedMap<String, XdsResource>> {
    @Override
    public PSortedMap<String, XdsResource> compute(Tracked view) {
        List<PSortedMap<String, XdsResource>> parts = new ArrayList<>();
        for (Part part : view.get(new Parts(client, gateway))) {
            parts.add(view.get(part).clusters());
        }
        return view.union(parts);
    }

    /** Their endpoints, for clients there; "" for somewhere. */
    record Assignments(Client client, boolean gateway, String locality)
            implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            List<PSortedMap<String, XdsResource>> parts = new ArrayList<>();
            for (Part part : view.get(new Parts(client, gateway))) {
                parts.add(view.get(new PartAssignments(part, locality)));
            }
            return view.union(parts);
        }
    }

    /** A service with the ports that count, in ascending order; none for all. */
    private record Reached(ServiceKey service, List<Integer> ports) {
        String host() {
            return service.host();
        }
    }

    /** Which services; apart from what clusters they have. */
    private record Parts(Client client, boolean gateway) implements Query<List<Part>> {
        @Override
        public boolean isSurvey() {
            return true;
        }

        @Override
        public List<Part> compute(Tracked view) {
            List<Reached> reached = new ArrayList<>();
            reach(view).forEach((service, ports) -> reached.add(new Reached(service, List.copyOf(ports))));
            return Chunk.split(reached, Reached::host).stream()
                    .map(chunk -> new Part(client.namespace(), client.labels(), gateway, chunk))
                    .toList();
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

    private record Clusters(PSortedMap<String, XdsResource> clusters, List<Assignment> assignments) {}

    /** All services of one host are in one part. */
    private record Part(String namespace, Map<String, String> labels, boolean gateway, Chunk<Reached> services)
            implements Query<Clusters> {
        @Override
        public Clusters compute(Tracked view) {
            Map<String, XdsResource> clusters = new HashMap<>();
            List<Assignment> assignments = new ArrayList<>();
            for (Reached reached : services) {
                var rules = view.get(new RuleFor(namespace, labels, reached.service()));
                for (OutboundCluster cluster :
                        view.get(new ServiceClusters(reached.service(), rules, reached.ports(), gateway))) {
                    // A host of two namespaces would give two clusters of one name.
                    if (clusters.putIfAbsent(cluster.resource().name(), cluster.resource()) == null) {
                        cluster.assignment().ifPresent(assignments::add);
                    }
                }
            }
            return new Clusters(view.sorted(clusters), List.copyOf(assignments));
        }
    }

    private record AssignmentsOf(Part part) implements Query<List<Assignment>> {
        @Override
        public List<Assignment> compute(Tracked view) {
            return view.get(part).assignments();
        }
    }

    private record PartAssignments(Part part, String locality) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> assignments = new HashMap<>();
            for (Assignment assignment : view.get(new AssignmentsOf(part))) {
                assignments.put(assignment.cluster(), view.get(assignment.from(locality)));
            }
            return view.sorted(assignments);
        }
    }
}
