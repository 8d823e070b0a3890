package io.meridian.compiler.internal.grpc;

import io.envoyproxy.envoy.config.route.v3.Route;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.route.TrackedDestinations;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.HttpRoutesOf;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.compiler.translate.GrpcListeners;
import io.meridian.compiler.translate.GrpcRoutes;
import io.meridian.compiler.translate.HttpRouteContext;
import io.meridian.compiler.translate.HttpRouteTranslation;
import io.meridian.model.istio.Destination;
import io.meridian.model.istio.VirtualService;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The route configuration of a target. */
record TargetRoutes(Client client, Target target) implements Query<XdsResource> {
    @Override
    public XdsResource compute(Tracked view) {
        List<Route> routes =
                target.virtualService().map(key -> routed(view, key)).orElseGet(() -> List.of(straight(view)));
        String virtualHost = target.host() + ":" + target.port();
        var configuration = GrpcListeners.routes(
                target.routeName(), virtualHost, GrpcRoutes.of(routes, target.host(), target.port()));
        return view.resource(XdsType.ROUTE, target.routeName(), XdsResource.deterministic(configuration));
    }

    private List<Route> routed(Tracked view, ResourceKey key) {
        HttpRouteContext context = new HttpRouteContext(
                key, Set.of(VirtualService.MESH), target.port(), client.labels(), client.namespace(), false);
        return HttpRouteTranslation.routes(
                context, view.get(new HttpRoutesOf(key)), destinations(view, key.namespace()));
    }

    private Route straight(Tracked view) {
        Destination itself = new Destination(target.host(), OptionalInt.of(target.port()), Optional.empty());
        return HttpRouteTranslation.defaultRoute(
                ClusterNames.outbound(target.port(), "", target.host()),
                target.host() + ":" + target.port() + "/*",
                destinations(view, client.namespace()).consistentHash(itself));
    }

    private TrackedDestinations destinations(Tracked view, String namespace) {
        return new TrackedDestinations(view, client, namespace, target.port());
    }
}
