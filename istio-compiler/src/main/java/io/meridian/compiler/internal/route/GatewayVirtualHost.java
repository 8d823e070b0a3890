package io.meridian.compiler.internal.route;

import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.meridian.compiler.Fragment;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.HttpRoutesOf;
import io.meridian.compiler.translate.HttpRouteContext;
import io.meridian.compiler.translate.HttpRouteTranslation;
import io.meridian.compiler.translate.RouteConfigurations;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One host of a gateway's port; several VirtualServices of a host add up.
 *
 * @param port of the server, as clients see it
 * @param redirects whether plain requests are sent to https
 */
record GatewayVirtualHost(Client client, String host, int port, boolean tls, boolean redirects, List<Use> uses)
        implements VirtualHostQuery {

    /** A VirtualService, for the Gateways by these names. */
    record Use(ResourceKey virtualService, Set<String> gateways) {}

    @Override
    public String name() {
        return host + ":" + port;
    }

    @Override
    public Fragment compute(Tracked view) {
        List<Route> routes = new ArrayList<>();
        for (Use use : uses) {
            ResourceKey key = use.virtualService();
            routes.addAll(HttpRouteTranslation.routes(
                    new HttpRouteContext(key, use.gateways(), port, Map.of(), client.namespace(), tls),
                    view.get(new HttpRoutesOf(key)),
                    new TrackedDestinations(view, client, key.namespace(), port)));
        }
        VirtualHost.Builder result = RouteConfigurations.virtualHost(
                name(), List.of(host), uses.size() > 1 ? HttpRouteTranslation.catchAllsLast(routes) : routes);
        if (redirects) {
            result.setRequireTls(VirtualHost.TlsRequirementType.ALL);
        }
        return RouteBytes.element(result.build());
    }
}
