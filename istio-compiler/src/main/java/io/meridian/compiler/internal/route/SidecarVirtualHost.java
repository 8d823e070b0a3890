package io.meridian.compiler.internal.route;

import io.envoyproxy.envoy.config.route.v3.Route;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.HttpRoutesOf;
import io.meridian.compiler.internal.service.Service;
import io.meridian.compiler.internal.service.ServiceOf;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.compiler.translate.HttpRouteContext;
import io.meridian.compiler.translate.HttpRouteTranslation;
import io.meridian.compiler.translate.RouteConfigurations;
import io.meridian.model.istio.Destination;
import io.meridian.model.istio.VirtualService;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One host of an outbound port.
 *
 * @param dnsDomain of the client
 * @param service none for a host that only a VirtualService knows
 * @param virtualService that routes it, if any
 */
record SidecarVirtualHost(
        Client client,
        String dnsDomain,
        String host,
        int port,
        Optional<ServiceKey> service,
        Optional<ResourceKey> virtualService)
        implements Query<VirtualHostPart> {
    @Override
    public VirtualHostPart compute(Tracked view) {
        List<String> addresses = service.flatMap(key -> view.get(new ServiceOf(key)))
                .map(Service::addresses)
                .orElse(List.of());
        List<Route> routes = virtualService.map(key -> routed(view, key)).orElseGet(() -> List.of(straight(view)));
        return VirtualHostPart.of(
                RouteConfigurations.virtualHost(host + ":" + port, Domains.of(host, dnsDomain, addresses), routes)
                        .build());
    }

    private List<Route> routed(Tracked view, ResourceKey key) {
        HttpRouteContext context = new HttpRouteContext(
                key, Set.of(VirtualService.MESH), port, client.labels(), client.namespace(), false);
        return HttpRouteTranslation.routes(
                context, view.get(new HttpRoutesOf(key)), new TrackedDestinations(view, client, key.namespace(), port));
    }

    private Route straight(Tracked view) {
        Destination itself = new Destination(host, OptionalInt.of(port), Optional.empty());
        return HttpRouteTranslation.defaultRoute(
                ClusterNames.outbound(port, "", host),
                host + ":" + port + "/*",
                new TrackedDestinations(view, client, client.namespace(), port).consistentHash(itself));
    }
}
