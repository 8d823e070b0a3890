package io.meridian.compiler.internal.scope;

import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.cluster.InboundClusters;
import io.meridian.compiler.internal.cluster.OutboundCluster;
import io.meridian.compiler.internal.cluster.SpecialCluster;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.grpc.GrpcResources;
import io.meridian.compiler.internal.listener.BoundInbound;
import io.meridian.compiler.internal.listener.GatewayListener;
import io.meridian.compiler.internal.listener.GatewayPlan;
import io.meridian.compiler.internal.listener.InboundPort;
import io.meridian.compiler.internal.listener.InboundPorts;
import io.meridian.compiler.internal.listener.SidecarOutbound;
import io.meridian.compiler.internal.listener.VirtualInbound;
import io.meridian.compiler.internal.listener.VirtualOutbound;
import io.meridian.compiler.internal.route.GatewayRoutes;
import io.meridian.compiler.internal.route.SidecarRoutes;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.OutboundPolicy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** All resources of a scope class, by type and name. */
public record Resources(ScopeClass scope) implements Query<Map<XdsType, PSortedMap<String, XdsResource>>> {
    @Override
    public Map<XdsType, PSortedMap<String, XdsResource>> compute(Tracked view) {
        return view.shared(all(view));
    }

    private Map<XdsType, PSortedMap<String, XdsResource>> all(Tracked view) {
        return switch (scope) {
            case ScopeClass.OfSidecar sidecar ->
                Map.of(
                        XdsType.CLUSTER, view.get(new SidecarClusters(sidecar)),
                        XdsType.ENDPOINT, view.get(new Assignments(sidecar.client(), false, sidecar.locality())),
                        XdsType.LISTENER, view.get(new SidecarListeners(sidecar)),
                        XdsType.ROUTE, view.get(new SidecarRouteMap(sidecar)),
                        XdsType.SECRET, TreePMap.empty());
            case ScopeClass.OfGateway gateway ->
                Map.of(
                        XdsType.CLUSTER, view.get(new GatewayClusters(gateway.client())),
                        XdsType.ENDPOINT, view.get(new Assignments(gateway.client(), true, gateway.locality())),
                        XdsType.LISTENER, view.get(new GatewayListeners(gateway)),
                        XdsType.ROUTE, view.get(new GatewayRouteMap(gateway)),
                        XdsType.SECRET, TreePMap.empty());
            case ScopeClass.OfGrpc grpc ->
                GrpcResources.of(view, grpc.client(), grpc.dnsDomain(), grpc.serverPorts(), grpc.locality());
        };
    }

    private static void add(Map<String, XdsResource> resources, XdsResource resource) {
        resources.put(resource.name(), resource);
    }

    private record Assignments(Client client, boolean gateway, String locality)
            implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> assignments = new HashMap<>();
            for (OutboundCluster cluster : view.get(new ClientClusters(client, gateway))) {
                cluster.assignment().ifPresent(assignment -> add(assignments, view.get(assignment.from(locality))));
            }
            return view.sorted(assignments);
        }
    }

    private static void addOutbound(Tracked view, Map<String, XdsResource> clusters, Client client, boolean gateway) {
        view.get(new ClientClusters(client, gateway)).forEach(cluster -> add(clusters, cluster.resource()));
        add(clusters, view.get(new SpecialCluster(SpecialCluster.Kind.BLACK_HOLE)));
    }

    private static InboundPorts inbound(ScopeClass.OfSidecar scope) {
        return new InboundPorts(scope.client().sidecar(), scope.mode(), scope.instances(), scope.address());
    }

    private record SidecarClusters(ScopeClass.OfSidecar scope) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> clusters = new HashMap<>();
            addOutbound(view, clusters, scope.client(), false);
            add(clusters, view.get(new SpecialCluster(SpecialCluster.Kind.PASSTHROUGH)));
            add(clusters, view.get(new SpecialCluster(SpecialCluster.Kind.INBOUND_PASSTHROUGH)));
            for (InboundPort port : view.get(inbound(scope))) {
                XdsResource cluster = view.get(new InboundClusters(port));
                clusters.putIfAbsent(cluster.name(), cluster);
            }
            return view.sorted(clusters);
        }
    }

    private record GatewayClusters(Client client) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> clusters = new HashMap<>();
            addOutbound(view, clusters, client, true);
            return view.sorted(clusters);
        }
    }

    private record SidecarListeners(ScopeClass.OfSidecar scope) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> listeners = new HashMap<>();
            List<InboundPort> inbound = view.get(inbound(scope));
            if (scope.mode() != InterceptionMode.NONE) {
                boolean transparent = scope.mode() == InterceptionMode.TPROXY;
                boolean passes =
                        view.get(new OutboundPolicy(scope.client().sidecar())).passesUnknown();
                List<InboundPort> redirected =
                        inbound.stream().filter(port -> port.bind().isEmpty()).toList();
                add(listeners, view.get(new VirtualOutbound(transparent, passes)));
                add(listeners, view.get(new VirtualInbound(redirected, transparent)));
            }
            for (InboundPort port : inbound) {
                if (port.bind().isPresent()) {
                    add(listeners, view.get(new BoundInbound(port)));
                }
            }
            for (Query<XdsResource> outbound : view.get(
                            new SidecarOutbound(scope.client(), scope.dnsDomain(), scope.mode()))
                    .listeners()) {
                // Where both want one address, the application's own traffic is worth more.
                XdsResource listener = view.get(outbound);
                listeners.putIfAbsent(listener.name(), listener);
            }
            return view.sorted(listeners);
        }
    }

    private record SidecarRouteMap(ScopeClass.OfSidecar scope) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> routes = new HashMap<>();
            for (SidecarRoutes query : view.get(new SidecarOutbound(scope.client(), scope.dnsDomain(), scope.mode()))
                    .routes()) {
                add(routes, view.get(query));
            }
            return view.sorted(routes);
        }
    }

    private static GatewayPlan plan(ScopeClass.OfGateway scope) {
        return new GatewayPlan(scope.client(), scope.gateways(), scope.ports());
    }

    private record GatewayListeners(ScopeClass.OfGateway scope) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> listeners = new HashMap<>();
            for (GatewayListener query : view.get(plan(scope)).listeners()) {
                view.get(query).ifPresent(listener -> add(listeners, listener));
            }
            return view.sorted(listeners);
        }
    }

    private record GatewayRouteMap(ScopeClass.OfGateway scope) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> routes = new HashMap<>();
            for (GatewayRoutes query : view.get(plan(scope)).routes()) {
                add(routes, view.get(query));
            }
            return view.sorted(routes);
        }
    }
}
