package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.meridian.model.istio.GatewayNames;
import io.meridian.model.istio.HttpMatch;
import io.meridian.model.istio.StringMatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Conditions of routes: those that are settled by who the proxy is, and those that Envoy checks for each request. */
final class RouteMatches {
    private static final String METHOD = ":method";
    private static final String AUTHORITY = ":authority";
    private static final String SCHEME = ":scheme";

    /** Of a route without conditions. */
    static final RouteMatch EVERYTHING = RouteMatch.newBuilder().setPrefix("/").build();

    private RouteMatches() {}

    /**
     * Whether it is for this listener and proxy. As in Istio, a match that names gateways is not asked for its source labels and namespace: gateways
     * have no source.
     */
    static boolean applies(HttpMatch match, HttpRouteContext context) {
        if (match.port().isPresent() && match.port().getAsInt() != context.port()) {
            return false;
        }
        if (!match.gateways().isEmpty()) {
            String namespace = context.virtualService().namespace();
            return match.gateways().stream()
                    .anyMatch(name -> context.gateways().contains(GatewayNames.resolve(name, namespace)));
        }
        return hasLabels(context.sourceLabels(), match.sourceLabels())
                && match.sourceNamespace()
                        .map(context.sourceNamespace()::equals)
                        .orElse(true);
    }

    private static boolean hasLabels(Map<String, String> labels, Map<String, String> wanted) {
        return wanted.entrySet().stream().allMatch(label -> label.getValue().equals(labels.get(label.getKey())));
    }

    static RouteMatch of(HttpMatch match) {
        RouteMatch.Builder out = RouteMatch.newBuilder().setPrefix("/");
        match.uri().ifPresent(uri -> setPath(out, uri));
        out.setCaseSensitive(ProtoValues.bool(!match.ignoreUriCase()));
        out.addAllHeaders(headers(match));
        match.queryParams()
                .forEach((name, value) -> out.addQueryParameters(StringMatchers.queryParameter(name, value)));
        return out.build();
    }

    private static void setPath(RouteMatch.Builder out, StringMatch uri) {
        switch (uri) {
            case StringMatch.Exact exact -> out.setPath(exact.value());
            case StringMatch.Prefix prefix -> out.setPrefix(prefix.value());
            case StringMatch.Regex regex -> out.setSafeRegex(StringMatchers.regex(regex.pattern()));
            case StringMatch.Present present -> {}
        }
    }

    private static List<HeaderMatcher> headers(HttpMatch match) {
        List<HeaderMatcher> headers = new ArrayList<>();
        match.headers().forEach((name, value) -> headers.add(StringMatchers.header(name, value)));
        match.withoutHeaders().forEach((name, value) -> headers.add(StringMatchers.withoutHeader(name, value)));
        headers.sort(Comparator.comparing(HeaderMatcher::getName));
        match.method().ifPresent(value -> headers.add(StringMatchers.header(METHOD, value)));
        match.authority().ifPresent(value -> headers.add(StringMatchers.header(AUTHORITY, value)));
        match.scheme().ifPresent(value -> headers.add(StringMatchers.header(SCHEME, value)));
        return headers;
    }

    /** Whether every request meets it, so that no route after it is ever asked. */
    static boolean isCatchAll(RouteMatch match) {
        boolean anyPath = switch (match.getPathSpecifierCase()) {
            case PREFIX -> match.getPrefix().equals("/");
            case PATH_SEPARATED_PREFIX -> match.getPathSeparatedPrefix().equals("/");
            case SAFE_REGEX -> match.getSafeRegex().getRegex().equals(".*");
            default -> false;
        };
        return anyPath
                && match.getHeadersCount() == 0
                && match.getQueryParametersCount() == 0
                && match.getDynamicMetadataCount() == 0;
    }
}
