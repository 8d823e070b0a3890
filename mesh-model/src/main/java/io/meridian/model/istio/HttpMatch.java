package io.meridian.model.istio;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Conditions on a request that must all hold. Istio's {@code HTTPMatchRequest}.
 *
 * @param name for statistics and messages
 * @param ignoreUriCase for exact and prefix matches of {@code uri}
 * @param headers by name, lower case
 * @param withoutHeaders the negation: a request that meets one of them does not match
 * @param port on which the request came in
 * @param sourceLabels of the workload that the rule is compiled for; sidecars only
 * @param gateways overrides those of the VirtualService; empty: inherits
 * @param statPrefix of the statistics of the route
 */
public record HttpMatch(
        Optional<String> name,
        Optional<StringMatch> uri,
        boolean ignoreUriCase,
        Optional<StringMatch> scheme,
        Optional<StringMatch> method,
        Optional<StringMatch> authority,
        Map<String, StringMatch> headers,
        Map<String, StringMatch> withoutHeaders,
        Map<String, StringMatch> queryParams,
        OptionalInt port,
        Map<String, String> sourceLabels,
        Optional<String> sourceNamespace,
        List<String> gateways,
        Optional<String> statPrefix) {
    public HttpMatch {
        headers = Ordered.copyOf(headers);
        withoutHeaders = Ordered.copyOf(withoutHeaders);
        queryParams = Ordered.copyOf(queryParams);
        sourceLabels = Ordered.copyOf(sourceLabels);
        gateways = List.copyOf(gateways);
    }

    /** Whether every request meets it, on any port and for any source: what makes the routes after it unreachable. */
    public boolean matchesAll() {
        boolean anyUri = uri.isEmpty() || uri.get().equals(new StringMatch.Prefix("/"));
        return anyUri
                && scheme.isEmpty()
                && method.isEmpty()
                && authority.isEmpty()
                && headers.isEmpty()
                && withoutHeaders.isEmpty()
                && queryParams.isEmpty()
                && port.isEmpty()
                && sourceLabels.isEmpty()
                && sourceNamespace.isEmpty()
                && gateways.isEmpty();
    }
}
