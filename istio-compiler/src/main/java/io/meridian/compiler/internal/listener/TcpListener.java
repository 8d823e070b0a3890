package io.meridian.compiler.internal.listener;

import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.route.TrackedDestinations;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.MeshValues;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.compiler.translate.TcpFilters;
import io.meridian.model.istio.Destination;
import io.meridian.model.istio.Protocol;
import io.meridian.model.istio.VirtualService;
import io.meridian.model.istio.VirtualService.TcpMatch;
import io.meridian.model.istio.VirtualService.WeightedDestination;
import io.meridian.model.resource.ResourceKey;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A sidecar's outbound listener for connections that are forwarded as they are.
 *
 * @param targets one, or several that are told apart by SNI
 * @param passesUnknown whether connections for none of them go where they were meant to; only where traffic is redirected
 */
record TcpListener(
        Client client,
        String bind,
        int port,
        boolean bindsToPort,
        boolean bySni,
        List<Target> targets,
        boolean passesUnknown)
        implements Query<XdsResource> {

    /** {@code virtualService}: that may route it. */
    record Target(String host, Protocol protocol, Optional<ResourceKey> virtualService) {}

    @Override
    public XdsResource compute(Tracked view) {
        MeshSpec mesh = MeshValues.spec(view);
        String name = Listeners.name(bind, port);
        Listener.Builder listener = Listeners.listener(bind, port, TrafficDirection.OUTBOUND, mesh);
        Set<String> serverNames = new HashSet<>();
        for (Target target : targets) {
            if (!bySni || serverNames.add(target.host())) {
                listener.addFilterChains(chain(view, target, mesh));
            }
        }
        if (bySni) {
            Listeners.inspecting(listener, List.of(Listeners.TLS_INSPECTOR));
        }
        if (bindsToPort) {
            Listeners.bound(listener);
        } else {
            if (bySni) {
                listener.setDefaultFilterChain(Listeners.unknown(passesUnknown, mesh));
            }
            Listeners.redirected(listener);
        }
        return view.resource(XdsType.LISTENER, name, XdsResource.deterministic(listener.build()));
    }

    private FilterChain chain(Tracked view, Target target, MeshSpec mesh) {
        Filter proxy = target.virtualService()
                .flatMap(key -> routed(view, key, target, mesh))
                .orElseGet(() -> straight(view, target, mesh));
        FilterChain.Builder chain = Listeners.chain(TcpFilters.chain(target.protocol(), proxy))
                .setTransportSocketConnectTimeout(Listeners.connectTimeout());
        if (bySni) {
            chain.setFilterChainMatch(FilterChainMatch.newBuilder().addServerNames(target.host()));
        }
        return chain.build();
    }

    private Filter straight(Tracked view, Target target, MeshSpec mesh) {
        String cluster = ClusterNames.outbound(port, "", target.host());
        Destination itself = new Destination(target.host(), OptionalInt.of(port), Optional.empty());
        return TcpFilters.proxy(
                cluster, cluster, new TrackedDestinations(view, client, client.namespace(), port).policy(itself), mesh);
    }

    private Optional<Filter> routed(Tracked view, ResourceKey key, Target target, MeshSpec mesh) {
        Optional<VirtualService> service = view.row(Inputs.VIRTUAL_SERVICES, key);
        Optional<List<WeightedDestination>> route = service.flatMap(found -> route(found, target.host()));
        TrackedDestinations destinations = new TrackedDestinations(view, client, key.namespace(), port);
        return route.filter(to -> !to.isEmpty())
                .map(to -> TcpFilters.proxy(
                        ClusterNames.outbound(port, "", target.host()),
                        to,
                        destinations::cluster,
                        destinations.policy(to.getFirst().destination()),
                        mesh));
    }

    private Optional<List<WeightedDestination>> route(VirtualService service, String host) {
        if (bySni) {
            return service.tls().stream()
                    .filter(route -> route.matches().stream()
                            .anyMatch(match -> match.sniHosts().contains(host)
                                    && (match.port().isEmpty() || match.port().getAsInt() == port)
                                    && isForSidecars(match.gateways())
                                    && isFromClient(match.sourceLabels(), match.sourceNamespace())))
                    .map(VirtualService.TlsRoute::route)
                    .findFirst();
        }
        return service.tcp().stream()
                .filter(route ->
                        route.matches().isEmpty() || route.matches().stream().anyMatch(this::matches))
                .map(VirtualService.TcpRoute::route)
                .findFirst();
    }

    /** Conditions on addresses are taken as met: the listener is one service's. */
    private boolean matches(TcpMatch match) {
        return (match.port().isEmpty() || match.port().getAsInt() == port)
                && isForSidecars(match.gateways())
                && isFromClient(match.sourceLabels(), match.sourceNamespace());
    }

    private static boolean isForSidecars(List<String> gateways) {
        return gateways.isEmpty() || gateways.contains(VirtualService.MESH);
    }

    private boolean isFromClient(Map<String, String> labels, Optional<String> namespace) {
        return client.labels().entrySet().containsAll(labels.entrySet())
                && namespace.map(client.namespace()::equals).orElse(true);
    }
}
