package io.meridian.compiler.simulation;

import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.VirtualHost.TlsRequirementType;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model of Envoy's routing of a request by a route configuration: virtual host by domain, first route that matches, what the route does. After
 * Envoy's documentation (HTTP routing); {@code SimulationAgainstEnvoyTest} holds it against the real one.
 *
 * <p>Not modelled: scoped routes, dynamic metadata, runtime fractions, cluster headers.
 */
public final class RoutingSimulation {
    private final RouteConfiguration configuration;

    public RoutingSimulation(RouteConfiguration configuration) {
        this.configuration = configuration;
    }

    public Outcome send(SimulatedRequest request) {
        Optional<VirtualHost> found = virtualHost(request.authority());
        if (found.isEmpty()) {
            return new Outcome.NotFound(Optional.empty());
        }
        VirtualHost host = found.get();
        if (host.getRequireTls() == TlsRequirementType.ALL && request.scheme().equals("http")) {
            return new Outcome.Redirected(
                    host.getName(), Optional.empty(), 301, "https://" + request.authority() + request.path());
        }
        return route(host, request)
                .map(route -> act(host.getName(), route, request))
                .orElseGet(() -> new Outcome.NotFound(Optional.of(host.getName())));
    }

    /** The first route that is for the request. */
    public Optional<Route> route(VirtualHost host, SimulatedRequest request) {
        return host.getRoutesList().stream()
                .filter(route -> RequestMatching.matches(route.getMatch(), request))
                .findFirst();
    }

    /** An exact domain, then the longest of {@code *suffix}, then the longest of {@code prefix*}, then {@code *}. */
    public Optional<VirtualHost> virtualHost(String authority) {
        String host = authority.toLowerCase(Locale.ROOT);
        if (configuration.getIgnorePortInHostMatching()) {
            host = host.replaceFirst(":\\d+$", "");
        }
        VirtualHost best = null;
        int bestRank = -1;
        for (VirtualHost candidate : configuration.getVirtualHostsList()) {
            for (String domain : candidate.getDomainsList()) {
                int rank = rank(domain.toLowerCase(Locale.ROOT), host);
                if (rank > bestRank) {
                    best = candidate;
                    bestRank = rank;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    /** Higher is more specific; below 0: is not for the host. A wildcard stands for one character at least. */
    private static int rank(String domain, String host) {
        int suffixes = 1 << 16;
        if (domain.equals("*")) {
            return 0;
        }
        if (domain.startsWith("*")) {
            String suffix = domain.substring(1);
            return host.length() > suffix.length() && host.endsWith(suffix) ? suffixes + suffix.length() : -1;
        }
        if (domain.endsWith("*")) {
            String prefix = domain.substring(0, domain.length() - 1);
            return host.length() > prefix.length() && host.startsWith(prefix) ? prefix.length() : -1;
        }
        return domain.equals(host) ? Integer.MAX_VALUE : -1;
    }

    private static Outcome act(String virtualHost, Route route, SimulatedRequest request) {
        return switch (route.getActionCase()) {
            case ROUTE ->
                new Outcome.Forwarded(
                        virtualHost,
                        route,
                        clusters(route.getRoute()),
                        authority(route.getRoute(), request),
                        rewrittenPath(route, request));
            case REDIRECT ->
                new Outcome.Redirected(
                        virtualHost, Optional.of(route), code(route.getRedirect()), location(route, request));
            case DIRECT_RESPONSE ->
                new Outcome.Answered(
                        virtualHost,
                        route,
                        route.getDirectResponse().getStatus(),
                        route.getDirectResponse().getBody().hasInlineString()
                                ? route.getDirectResponse().getBody().getInlineString()
                                : route.getDirectResponse()
                                        .getBody()
                                        .getInlineBytes()
                                        .toStringUtf8());
            default -> throw new IllegalStateException("Envoy refuses a route without action: " + route);
        };
    }

    private static SequencedMap<String, Integer> clusters(RouteAction action) {
        SequencedMap<String, Integer> clusters = new LinkedHashMap<>();
        if (action.hasWeightedClusters()) {
            for (ClusterWeight weight : action.getWeightedClusters().getClustersList()) {
                clusters.merge(weight.getName(), weight.getWeight().getValue(), Integer::sum);
            }
        } else {
            clusters.put(action.getCluster(), 1);
        }
        return Collections.unmodifiableSequencedMap(clusters);
    }

    private static String authority(RouteAction action, SimulatedRequest request) {
        return action.getHostRewriteLiteral().isEmpty() ? request.authority() : action.getHostRewriteLiteral();
    }

    private static String rewrittenPath(Route route, SimulatedRequest request) {
        RouteAction action = route.getRoute();
        if (action.hasRegexRewrite()) {
            String substitution = action.getRegexRewrite().getSubstitution();
            return Pattern.compile(action.getRegexRewrite().getPattern().getRegex())
                            .matcher(request.pathWithoutQuery())
                            .replaceAll(javaSubstitution(substitution))
                    + request.query();
        }
        return action.getPrefixRewrite().isEmpty()
                ? request.path()
                : replacedPrefix(route, action.getPrefixRewrite(), request);
    }

    /** RE2 names groups as {@code \1}, Java as {@code $1}. */
    private static String javaSubstitution(String re2) {
        return Matcher.quoteReplacement(re2).replaceAll("\\\\\\\\(\\d)", "\\$$1");
    }

    private static String replacedPrefix(Route route, String replacement, SimulatedRequest request) {
        String path = request.pathWithoutQuery();
        int matched = switch (route.getMatch().getPathSpecifierCase()) {
            case PREFIX -> route.getMatch().getPrefix().length();
            case PATH_SEPARATED_PREFIX ->
                route.getMatch().getPathSeparatedPrefix().length();
            default -> path.length();
        };
        return replacement + path.substring(matched) + request.query();
    }

    private static int code(RedirectAction redirect) {
        return switch (redirect.getResponseCode()) {
            case MOVED_PERMANENTLY -> 301;
            case FOUND -> 302;
            case SEE_OTHER -> 303;
            case TEMPORARY_REDIRECT -> 307;
            case PERMANENT_REDIRECT -> 308;
            case UNRECOGNIZED -> throw new IllegalStateException("Envoy refuses " + redirect);
        };
    }

    private static String location(Route route, SimulatedRequest request) {
        RedirectAction redirect = route.getRedirect();
        String scheme = redirect.getSchemeRedirect().isEmpty()
                ? (redirect.getHttpsRedirect() ? "https" : request.scheme())
                : redirect.getSchemeRedirect();
        String host = redirect.getHostRedirect().isEmpty() ? request.authority() : redirect.getHostRedirect();
        if (redirect.getPortRedirect() != 0) {
            host = host.replaceFirst(":\\d+$", "") + ":" + redirect.getPortRedirect();
        } else if (!scheme.equals(request.scheme())) {
            // The port that the old scheme implied means nothing to the new one.
            host = host.replaceFirst(request.scheme().equals("http") ? ":80$" : ":443$", "");
        }
        return scheme + "://" + host + redirectedPath(route, request);
    }

    private static String redirectedPath(Route route, SimulatedRequest request) {
        RedirectAction redirect = route.getRedirect();
        if (!redirect.getPathRedirect().isEmpty()) {
            return redirect.getPathRedirect().contains("?")
                    ? redirect.getPathRedirect()
                    : redirect.getPathRedirect() + request.query();
        }
        return redirect.getPrefixRewrite().isEmpty()
                ? request.path()
                : replacedPrefix(route, redirect.getPrefixRewrite(), request);
    }
}
