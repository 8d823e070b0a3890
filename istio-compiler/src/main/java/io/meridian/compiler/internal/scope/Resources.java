package io.meridian.compiler.internal.scope;

import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.cluster.InboundClusters;
import io.meridian.compiler.internal.cluster.SpecialCluster;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.grpc.GrpcResources;
import io.meridian.compiler.internal.listener.BoundInbound;
import io.meridian.compiler.internal.listener.GatewayListener;
import io.meridian.compiler.internal.listener.GatewayPlan;
import io.meridian.compiler.internal.listener.InboundPort;
import io.meridian.compiler.internal.listener.InboundPorts;
import io.meridian.compiler.internal.listener.VirtualInbound;
import io.meridian.compiler.internal.listener.VirtualOutbound;
import io.meridian.compiler.internal.route.GatewayRoutes;
import io.meridian.compiler.internal.scope.ClientClusters.Assignments;
import io.meridian.compiler.internal.scope.PlannedResources.Listeners;
import io.meridian.compiler.internal.scope.PlannedResources.Routes;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.OutboundPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** All resources of a scope class, by type and name. */
public record Resources(ScopeClass scope) implements Query<Map<XdsType, PSortedMap<String, XdsResource>>> {
    /** One instance, for what is made of it is told by identity. */
    private static final PSortedMap<String, XdsResource> NONE = TreePMap.empty();

    @Override
    public Map<XdsType, PSortedMap<String, XdsResource>> compute(Tracked view) {
        var all = all(view);
        List<Object> parts = new ArrayList<>();
        for (XdsType type : XdsType.values()) {
            var ofType = all.getOrDefault(type, NONE);
            parts.add(ofType.isEmpty() ? NONE : ofType);
        }
        return view.madeOf(parts, () -> all);
    }

    private Map<XdsType, PSortedMap<String, XdsResource>> all(Tracked view) {
        return switch (scope) {
            case ScopeClass.OfSidecar sidecar ->
                Map.of(
                        XdsType.CLUSTER, view.get(new SidecarClusters(sidecar.client(), inbound(sidecar))),
                        XdsType.ENDPOINT, view.get(new Assignments(sidecar.client(), false, sidecar.locality())),
                        XdsType.LISTENER, view.get(new SidecarListeners(sidecar)),
                        XdsType.ROUTE, view.get(new Routes(sidecar.client(), sidecar.dnsDomain(), sidecar.mode())),
                        XdsType.SECRET, NONE);
            case ScopeClass.OfGateway gateway ->
                Map.of(
                        XdsType.CLUSTER, view.get(new GatewayClusters(gateway.client())),
                        XdsType.ENDPOINT, view.get(new Assignments(gateway.client(), true, gateway.locality())),
                        XdsType.LISTENER, view.get(new GatewayListeners(gateway)),
                        XdsType.ROUTE, view.get(new GatewayRouteMap(gateway)),
                        XdsType.SECRET, NONE);
            case ScopeClass.OfGrpc grpc ->
                GrpcResources.of(view, grpc.client(), grpc.dnsDomain(), grpc.serverPorts(), grpc.locality());
        };
    }

    private static void add(Map<String, XdsResource> resources, XdsResource resource) {
        resources.put(resource.name(), resource);
    }

    private static InboundPorts inbound(ScopeClass.OfSidecar scope) {
        return new InboundPorts(scope.client().sidecar(), scope.mode(), scope.instances(), scope.address());
    }

    /** {@code more} beside those that many share, and instead of those of their names. */
    private static PSortedMap<String, XdsResource> with(
            Tracked view, PSortedMap<String, XdsResource> shared, Map<String, XdsResource> more) {
        List<Object> parts = new ArrayList<>(more.size() + 1);
        parts.add(shared);
        parts.addAll(more.values());
        return view.madeOf(parts, () -> shared.plusAll(more));
    }

    private record SidecarClusters(Client client, InboundPorts inbound)
            implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> clusters = new TreeMap<>();
            for (SpecialCluster.Kind kind : SpecialCluster.Kind.values()) {
                add(clusters, view.get(new SpecialCluster(kind)));
            }
            for (InboundPort port : view.get(inbound)) {
                XdsResource cluster = view.get(new InboundClusters(port));
                clusters.putIfAbsent(cluster.name(), cluster);
            }
            return with(view, view.get(new ClientClusters(client, false)), clusters);
        }
    }

    private record GatewayClusters(Client client) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> clusters = new TreeMap<>();
            add(clusters, view.get(new SpecialCluster(SpecialCluster.Kind.BLACK_HOLE)));
            return with(view, view.get(new ClientClusters(client, true)), clusters);
        }
    }

    private record SidecarListeners(ScopeClass.OfSidecar scope) implements Query<PSortedMap<String, XdsResource>> {
        @Override
        public PSortedMap<String, XdsResource> compute(Tracked view) {
            Map<String, XdsResource> listeners = new TreeMap<>();
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
            // Where both want one address, the application's own traffic is worth more.
            return with(view, view.get(new Listeners(scope.client(), scope.dnsDomain(), scope.mode())), listeners);
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
