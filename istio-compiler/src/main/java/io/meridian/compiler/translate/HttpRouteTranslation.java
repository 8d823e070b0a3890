package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.route.v3.Decorator;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteAction.MaxStreamDuration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.meridian.model.istio.HttpAction;
import io.meridian.model.istio.HttpMatch;
import io.meridian.model.istio.HttpRoute;
import io.meridian.model.istio.LoadBalancerSettings.ConsistentHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The {@code http} routes of a VirtualService, and the routes of hosts that have none. */
public final class HttpRouteTranslation {
    /** Of routes that no VirtualService asked for. */
    private static final String DEFAULT_NAME = "default";

    private static final int INBOUND_RETRIES = 2;

    private HttpRouteTranslation() {}

    /**
     * In order: the first that matches wins, and none follows one that matches everything. A route has as many translations as it has matches.
     *
     * <p>Left out: delegations, which are to be merged before ({@link Delegates}), and routes that lead nowhere.
     */
    public static List<Route> routes(HttpRouteContext context, List<HttpRoute> http, Destinations destinations) {
        List<Route> routes = new ArrayList<>();
        for (HttpRoute route : http) {
            if (leadsNowhere(route.action())) {
                continue;
            }
            if (route.matches().isEmpty()) {
                routes.add(route(context, route, Optional.empty(), destinations));
                return routes;
            }
            for (HttpMatch match : route.matches()) {
                if (!RouteMatches.applies(match, context)) {
                    continue;
                }
                Route translated = route(context, route, Optional.of(match), destinations);
                routes.add(translated);
                if (RouteMatches.isCatchAll(translated.getMatch())) {
                    return routes;
                }
            }
        }
        return routes;
    }

    private static boolean leadsNowhere(HttpAction action) {
        return switch (action) {
            case HttpAction.Delegate delegate -> true;
            case HttpAction.Forward forward -> !RouteForwarding.leadsSomewhere(forward);
            case HttpAction.Redirect redirect -> false;
            case HttpAction.DirectResponse response -> false;
        };
    }

    private static Route route(
            HttpRouteContext context, HttpRoute route, Optional<HttpMatch> match, Destinations destinations) {
        Route.Builder out = Route.newBuilder()
                .setName(name(route, match))
                .setMatch(match.map(RouteMatches::of).orElse(RouteMatches.EVERYTHING))
                .setMetadata(IstioMetadata.ofConfig(context.virtualService()));
        match.flatMap(HttpMatch::statPrefix).ifPresent(out::setStatPrefix);
        HeaderEdits edits = HeaderEdits.of(route.headers());
        out.addAllRequestHeadersToAdd(edits.requestAdd())
                .addAllRequestHeadersToRemove(edits.requestRemove())
                .addAllResponseHeadersToAdd(edits.responseAdd())
                .addAllResponseHeadersToRemove(edits.responseRemove());
        switch (route.action()) {
            case HttpAction.Redirect redirect -> out.setRedirect(Redirects.redirect(redirect, context));
            case HttpAction.DirectResponse response -> out.setDirectResponse(directResponse(response));
            case HttpAction.Forward forward ->
                RouteForwarding.apply(out, route, forward, edits.authority(), destinations);
            case HttpAction.Delegate delegate -> throw new IllegalStateException("not merged: " + delegate);
        }
        out.setDecorator(Decorator.newBuilder().setOperation(operation(out, context)));
        route.fault().flatMap(Faults::of).ifPresent(fault -> out.putTypedPerFilterConfig(HttpFilters.FAULT, fault));
        route.cors().map(CorsPolicies::of).ifPresent(cors -> out.putTypedPerFilterConfig(HttpFilters.CORS, cors));
        return out.build();
    }

    private static String name(HttpRoute route, Optional<HttpMatch> match) {
        String name = route.name().orElse("");
        return match.flatMap(HttpMatch::name).map(suffix -> name + "." + suffix).orElse(name);
    }

    private static DirectResponseAction directResponse(HttpAction.DirectResponse response) {
        DirectResponseAction.Builder out = DirectResponseAction.newBuilder().setStatus(response.status());
        response.body().ifPresent(body -> out.getBodyBuilder().setInlineBytes(body));
        return out.build();
    }

    /** The name of the span: host and port where there is one destination, the VirtualService otherwise; then the path. */
    private static String operation(Route.Builder route, HttpRouteContext context) {
        String path = path(route.getMatch());
        String cluster = route.hasRoute() ? route.getRoute().getCluster() : "";
        return ClusterNames.parse(cluster)
                .map(to -> operation(to.host(), to.port(), path))
                .orElseGet(() -> operation(context.virtualService().name(), context.port(), path));
    }

    private static String operation(String host, int port, String path) {
        return host + ":" + port + path;
    }

    private static String path(RouteMatch match) {
        return switch (match.getPathSpecifierCase()) {
            case PREFIX -> match.getPrefix() + "*";
            case PATH -> match.getPath();
            case SAFE_REGEX -> match.getSafeRegex().getRegex();
            default -> "/*";
        };
    }

    /** What a route has whose VirtualService does not speak of retries. */
    public static RetryPolicy defaultRetries() {
        return Retries.DEFAULT;
    }

    /**
     * What a service without VirtualService gets.
     *
     * @param operation of traces: "HOST:PORT/*"
     */
    public static Route defaultRoute(String cluster, String operation) {
        return defaultRoute(cluster, operation, Optional.empty());
    }

    /** As {@link #defaultRoute(String, String)}, for a service whose DestinationRule hashes requests. */
    public static Route defaultRoute(String cluster, String operation, Optional<ConsistentHash> hash) {
        RouteAction.Builder action =
                RouteForwarding.untimed().setCluster(cluster).setRetryPolicy(Retries.DEFAULT);
        hash.map(HashPolicies::policy).ifPresent(action::addHashPolicy);
        return plain(action, operation);
    }

    /** To the application next to the sidecar. Retried only where it cannot have seen the request. */
    public static Route inboundRoute(String cluster, String operation) {
        RouteAction.Builder action = RouteAction.newBuilder()
                .setCluster(cluster)
                .setTimeout(ProtoValues.ZERO)
                .setMaxStreamDuration(MaxStreamDuration.newBuilder()
                        .setMaxStreamDuration(ProtoValues.ZERO)
                        .setGrpcTimeoutHeaderMax(ProtoValues.ZERO))
                .setRetryPolicy(RetryPolicy.newBuilder()
                        .setRetryOn("reset-before-request")
                        .setNumRetries(ProtoValues.uint32(INBOUND_RETRIES)));
        return plain(action, operation);
    }

    private static Route plain(RouteAction.Builder action, String operation) {
        return Route.newBuilder()
                .setName(DEFAULT_NAME)
                .setMatch(RouteMatches.EVERYTHING)
                .setRoute(action)
                .setDecorator(Decorator.newBuilder().setOperation(operation))
                .build();
    }

    /**
     * The routes of several VirtualServices of one gateway host, those that match everything moved to the end, since otherwise the first of them
     * would hide the other objects' routes. Otherwise in the given order.
     */
    public static List<Route> catchAllsLast(List<Route> routes) {
        List<Route> ordered = new ArrayList<>(routes.size());
        routes.stream()
                .filter(route -> !RouteMatches.isCatchAll(route.getMatch()))
                .forEach(ordered::add);
        routes.stream()
                .filter(route -> RouteMatches.isCatchAll(route.getMatch()))
                .forEach(ordered::add);
        return ordered;
    }
}
