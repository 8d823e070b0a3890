package io.meridian.compiler.internal.route;

import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.OutboundPolicy;
import io.meridian.compiler.translate.RouteConfigurations;
import java.util.List;
import java.util.Optional;

/**
 * The outbound routes of a port.
 *
 * @param name of the route configuration: the port, or {@code HOST:PORT} where the protocol is only known from the first bytes
 * @param onlyHost the host of such a name
 */
public record SidecarRoutes(Client client, String dnsDomain, String name, int port, Optional<String> onlyHost)
        implements Query<XdsResource> {
    @Override
    public XdsResource compute(Tracked view) {
        SidecarHosts.Plan plan = view.get(new SidecarHosts(client, dnsDomain, port, onlyHost));
        List<VirtualHost> rest = plan.leavesRest() ? List.of(rest(view)) : List.of();
        return view.resource(XdsType.ROUTE, name, RouteBytes.of(view, name, plan.hosts(), rest));
    }

    private VirtualHost rest(Tracked view) {
        return view.get(new OutboundPolicy(client.sidecar())).passesUnknown()
                ? RouteConfigurations.allowAny()
                : RouteConfigurations.blockAll();
    }
}
