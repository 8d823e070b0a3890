package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteAction.RequestMirrorPolicy;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import io.meridian.model.istio.HttpAction.Forward;
import io.meridian.model.istio.HttpAction.HttpDestination;
import io.meridian.model.istio.HttpRewrite;
import io.meridian.model.istio.HttpRoute;
import io.meridian.model.istio.LoadBalancerSettings.ConsistentHash;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Routes to destinations. */
final class RouteForwarding {
    private RouteForwarding() {}

    /** Whether there is a destination that gets something. A lone one gets everything whatever its weight. */
    static boolean leadsSomewhere(Forward forward) {
        List<HttpDestination> route = forward.route();
        return route.size() == 1 || route.stream().anyMatch(destination -> destination.weight() > 0);
    }

    /** Without time limit, also of what clients ask for by {@code grpc-timeout}. */
    static RouteAction.Builder untimed() {
        return timed(Duration.ZERO);
    }

    /** The deprecated limit and not its successor, as Istio, whose reason is regressions in the latter. */
    @SuppressWarnings("deprecation")
    private static RouteAction.Builder timed(Duration timeout) {
        return RouteAction.newBuilder()
                .setTimeout(ProtoValues.duration(timeout))
                .setMaxGrpcTimeout(ProtoValues.duration(timeout));
    }

    /** {@code authority}: what the route's header operations make of it. */
    static void apply(
            Route.Builder out,
            HttpRoute route,
            Forward forward,
            Optional<String> authority,
            Destinations destinations) {
        RouteAction.Builder action = timed(route.timeout().orElse(Duration.ZERO));
        route.rewrite().ifPresent(rewrite -> setPath(action, rewrite));
        route.rewrite().flatMap(HttpRewrite::authority).or(() -> authority).ifPresent(action::setHostRewriteLiteral);
        addMirrors(action, route, destinations);
        boolean hashed = false;
        if (forward.route().size() == 1) {
            hashed = setDestination(out, action, forward.route().getFirst(), destinations);
        } else {
            setWeighted(action, forward.route(), destinations);
        }
        Retries.of(route.retries(), hashed).ifPresent(action::setRetryPolicy);
        out.setRoute(action);
    }

    private static void setPath(RouteAction.Builder action, HttpRewrite rewrite) {
        if (rewrite.uriRegex().isPresent()) {
            HttpRewrite.UriRegex regex = rewrite.uriRegex().get();
            action.setRegexRewrite(RegexMatchAndSubstitute.newBuilder()
                    .setPattern(StringMatchers.regex(regex.match()))
                    .setSubstitution(regex.rewrite()));
        } else {
            rewrite.uri().ifPresent(action::setPrefixRewrite);
        }
    }

    private static void addMirrors(RouteAction.Builder action, HttpRoute route, Destinations destinations) {
        for (HttpRoute.Mirror mirror : route.mirrors()) {
            if (mirror.percent() > 0) {
                action.addRequestMirrorPolicies(RequestMirrorPolicy.newBuilder()
                        .setCluster(destinations.cluster(mirror.destination()))
                        .setRuntimeFraction(ProtoValues.runtimeFraction(mirror.percent()))
                        .setTraceSampled(ProtoValues.bool(false)));
            }
        }
    }

    /** Whether it is chosen by consistent hashing. The destination's headers come after the route's, so that they have the last word. */
    private static boolean setDestination(
            Route.Builder out, RouteAction.Builder action, HttpDestination to, Destinations destinations) {
        action.setCluster(destinations.cluster(to.destination()));
        HeaderEdits edits = HeaderEdits.of(to.headers());
        out.addAllRequestHeadersToAdd(edits.requestAdd())
                .addAllRequestHeadersToRemove(edits.requestRemove())
                .addAllResponseHeadersToAdd(edits.responseAdd())
                .addAllResponseHeadersToRemove(edits.responseRemove());
        // The route's own rewrite wins, as it does in Envoy where a destination of several has one.
        if (action.getHostRewriteLiteral().isEmpty()) {
            edits.authority().ifPresent(action::setHostRewriteLiteral);
        }
        Optional<ConsistentHash> hash = destinations.consistentHash(to.destination());
        hash.map(HashPolicies::policy).ifPresent(action::addHashPolicy);
        return hash.isPresent();
    }

    private static void setWeighted(
            RouteAction.Builder action, List<HttpDestination> route, Destinations destinations) {
        WeightedCluster.Builder weighted = WeightedCluster.newBuilder();
        for (HttpDestination to : route) {
            if (to.weight() > 0) {
                weighted.addClusters(weight(to, destinations));
                destinations
                        .consistentHash(to.destination())
                        .map(HashPolicies::policy)
                        .ifPresent(action::addHashPolicy);
            }
        }
        action.setWeightedClusters(weighted);
    }

    private static ClusterWeight weight(HttpDestination to, Destinations destinations) {
        HeaderEdits edits = HeaderEdits.of(to.headers());
        ClusterWeight.Builder weight = ClusterWeight.newBuilder()
                .setName(destinations.cluster(to.destination()))
                .setWeight(ProtoValues.uint32(to.weight()))
                .addAllRequestHeadersToAdd(edits.requestAdd())
                .addAllRequestHeadersToRemove(edits.requestRemove())
                .addAllResponseHeadersToAdd(edits.responseAdd())
                .addAllResponseHeadersToRemove(edits.responseRemove());
        edits.authority().ifPresent(weight::setHostRewriteLiteral);
        return weight.build();
    }
}
