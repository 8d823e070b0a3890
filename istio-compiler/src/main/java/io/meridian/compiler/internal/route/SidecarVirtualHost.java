package io.meridian.compiler.internal.route;

import io.envoyproxy.envoy.config.route.v3.Route;
import io.meridian.compiler.Fragment;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.HttpRoutesOf;
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
 * @param virtualService that routes it, if any
 * @param domains by which clients call it and no other host of the port, the main one first
 */
record SidecarVirtualHost(
        Client client, String host, int port, Optional<ResourceKey> virtualService, List<String> domains)
        implements VirtualHostQuery {
    @Override
    public String name() {
        return host + ":" + port;
    }

    @Override
    public Fragment compute(Tracked view) {
        List<Route> routes = virtualService.map(key -> routed(view, key)).orElseGet(() -> List.of(straight(view)));
        return RouteBytes.element(
                RouteConfigurations.virtualHost(name(), domains, routes).build());
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
