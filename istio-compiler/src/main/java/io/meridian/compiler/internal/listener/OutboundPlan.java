package io.meridian.compiler.internal.listener;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.route.SidecarRoutes;
import java.util.List;

/** What listens, and the route configurations that those listeners ask for. */
public record OutboundPlan(List<Query<XdsResource>> listeners, List<SidecarRoutes> routes) {
    public OutboundPlan {
        listeners = List.copyOf(listeners);
        routes = List.copyOf(routes);
    }
}
