package io.meridian.compiler.internal.grpc;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.cluster.OutboundCluster;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.Reach;
import io.meridian.compiler.internal.service.RuleFor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** All resources of a scope class of proxyless gRPC. */
public final class GrpcResources {
    private GrpcResources() {}

    /**
     * @param dnsDomain of the client's namespace
     * @param serverPorts that its workload serves, in ascending order
     * @param locality of the client; empty where that makes no difference
     */
    public static Map<XdsType, PSortedMap<String, XdsResource>> of(
            Tracked view, Client client, String dnsDomain, List<Integer> serverPorts, String locality) {
        return Map.of(
                XdsType.CLUSTER, view.get(new ClusterMap(client)),
                XdsType.ENDPOINT, view.get(new AssignmentMap(client, locality)),
                XdsType.LISTENER, view.get(new ListenerMap(client, dnsDomain, serverPorts)),
                XdsType.ROUTE, view.get(new RouteMap(client)),
                XdsType.SECRET, TreePMap.empty());
    }

    /** Of all services that the client reaches. */
    private record Clusters(Client client) implements Query<List<OutboundCluster>> {
        @Override
        public List<OutboundCluster> compute(Tracked view) {
            List<OutboundCluster> clusters = new ArrayList<>();
            // A host of two namespaces would give two clusters of one name.
            Set<String> names = new HashSet<>();
            view.get(new Reach(client)).forEach((service, ports) -> {
                var rules = view.get(new RuleFor(client.namespace(), client.labels(), service));
                for (OutboundCluster cluster : view.get(new TargetClusters(service, rules, List.copyOf(ports)))) {
                    if (names.add(cluster.resource().name())) {
                        clusters.add(cluster);
                    }
                }
            });
            return List.copyOf(clusters);
        }
    }

    private record ClusterMap(Client client) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> clusters = new HashMap<>();
            view.get(new Clusters(client))
                    .forEach(cluster -> clusters.put(cluster.resource().name(), cluster.resource()));
            return view.sorted(clusters);
        }
    }

    private record AssignmentMap(Client client, String locality) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> assignments = new HashMap<>();
            for (OutboundCluster cluster : view.get(new Clusters(client))) {
                cluster.assignment()
                        .ifPresent(assignment -> assignments.put(
                                assignment.cluster(), UnixEndpoints.without(view, assignment, locality)));
            }
            return view.sorted(assignments);
        }
    }

    /** Those of channels, apart from a server's own, so that clients share them whatever they serve. */
    private record ClientListeners(Client client, String dnsDomain) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> listeners = new HashMap<>();
            List<Target> targets = view.get(new Targets(client));
            targets.stream().map(ClientListener::of).map(view::get).forEach(full -> listeners.put(full.name(), full));
            for (Target target : targets) {
                // A short name that is also some service's full name is that service's.
                for (ClientListener listener : ClientListener.shortOf(target, client.namespace(), dnsDomain)) {
                    listeners.putIfAbsent(listener.name(), view.get(listener));
                }
            }
            return view.sorted(listeners);
        }
    }

    private record ListenerMap(Client client, String dnsDomain, List<Integer> serverPorts)
            implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            PSortedMap<String, XdsResource> listeners = view.get(new ClientListeners(client, dnsDomain));
            if (serverPorts.isEmpty()) {
                return listeners;
            }
            Map<String, XdsResource> all = new HashMap<>(listeners);
            serverPorts.stream()
                    .flatMap(ServerListener::of)
                    .map(view::get)
                    .forEach(listener -> all.put(listener.name(), listener));
            return view.sorted(all);
        }
    }

    private record RouteMap(Client client) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> routes = new HashMap<>();
            for (Target target : view.get(new Targets(client))) {
                routes.putIfAbsent(target.routeName(), view.get(new TargetRoutes(client, target)));
            }
            return view.sorted(routes);
        }
    }
}
