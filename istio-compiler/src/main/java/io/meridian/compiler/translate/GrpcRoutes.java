package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.route.v3.RedirectAction.RedirectResponseCode;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteAction.HashPolicy;
import io.envoyproxy.envoy.config.route.v3.RouteAction.MaxStreamDuration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.FaultAbort;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The routes of a VirtualService as gRPC clients read them. What they refuse would cost them the whole route configuration, so it is said in another
 * way; what they would understand otherwise is, too; what they pass over (rewrites, mirrors, edits of headers, conditions of retries that are none of gRPC's) stays as it is.
 *
 * <p>Sources: gRFC A28 (matches, actions), A31 (time limits), A33 (faults), A39 (filters), A42 (hashing), A44 (retries).
 */
public final class GrpcRoutes {
    /** What A42 hashes by where all calls of a channel are to go to one endpoint. */
    private static final String CHANNEL_ID = "io.grpc.channel_id";

    /** Fault filters take no others. */
    private static final int LEAST_ABORT_STATUS = 200;

    private GrpcRoutes() {}

    /**
     * {@code routes}: of {@link HttpRouteTranslation}, for calls to that host and port. The result ends with the first route that every call
     * meets.
     */
    public static List<Route> of(List<Route> routes, String host, int port) {
        GrpcMatches matches = new GrpcMatches(host, port);
        String ownCluster = ClusterNames.outbound(port, "", host);
        List<Route> adapted = new ArrayList<>();
        for (Route route : routes) {
            for (RouteMatch match : matches.alternatives(route.getMatch())) {
                adapted.add(adapt(route, match, ownCluster));
                if (RouteMatches.isCatchAll(match)) {
                    return adapted;
                }
            }
        }
        return adapted;
    }

    private static Route adapt(Route route, RouteMatch match, String ownCluster) {
        Route.Builder out = route.toBuilder().setMatch(match);
        // Configuration of a filter that a client lacks is refused (A39), and faults are all that it has.
        Set<String> unknown = new HashSet<>(route.getTypedPerFilterConfigMap().keySet());
        unknown.remove(HttpFilters.FAULT);
        unknown.forEach(out::removeTypedPerFilterConfig);
        switch (route.getActionCase()) {
            case ROUTE -> out.setRoute(adapt(route.getRoute()));
            case DIRECT_RESPONSE ->
                answer(out, ownCluster, route.getDirectResponse().getStatus());
            case REDIRECT -> answer(out, ownCluster, status(route.getRedirect().getResponseCode()));
            case FILTER_ACTION, NON_FORWARDING_ACTION, ACTION_NOT_SET -> {}
        }
        return out.build();
    }

    /**
     * Other actions than forwarding are refused (A28). An abort with the same HTTP status gives the caller the gRPC status that the answer of a proxy
     * would have given it (grpc/doc/http-grpc-status-mapping.md).
     */
    private static void answer(Route.Builder out, String ownCluster, int status) {
        HTTPFault fault = HTTPFault.newBuilder()
                .setAbort(FaultAbort.newBuilder()
                        .setPercentage(ProtoValues.fraction(100))
                        .setHttpStatus(Math.max(LEAST_ABORT_STATUS, status)))
                .build();
        out.setRoute(RouteAction.newBuilder().setCluster(ownCluster))
                .putTypedPerFilterConfig(HttpFilters.FAULT, ProtoValues.any(fault));
    }

    private static int status(RedirectResponseCode code) {
        return switch (code) {
            case MOVED_PERMANENTLY, UNRECOGNIZED -> 301;
            case FOUND -> 302;
            case SEE_OTHER -> 303;
            case TEMPORARY_REDIRECT -> 307;
            case PERMANENT_REDIRECT -> 308;
        };
    }

    /** Of the limits only the one that replaced the others is read (A31); 0 is none, as in these. */
    @SuppressWarnings("deprecation")
    private static RouteAction adapt(RouteAction action) {
        RouteAction.Builder out = action.toBuilder()
                .clearTimeout()
                .clearMaxGrpcTimeout()
                .setMaxStreamDuration(MaxStreamDuration.newBuilder().setMaxStreamDuration(action.getTimeout()));
        for (HashPolicy.Builder policy : out.getHashPolicyBuilderList()) {
            // Passed over by clients, who do not know their address; every call would then hash to somewhere else.
            if (policy.hasConnectionProperties()) {
                policy.getFilterStateBuilder().setKey(CHANNEL_ID);
            }
        }
        return out.build();
    }
}
