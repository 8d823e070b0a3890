package io.meridian.model.istio;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is done with the requests that match.
 *
 * @param matches alternatives; empty: every request
 * @param timeout unset: none
 * @param retries unset: the mesh's default policy
 * @param mirrors copies of the request whose responses are dropped
 */
public record HttpRoute(
        Optional<String> name,
        List<HttpMatch> matches,
        HttpAction action,
        Optional<HttpRewrite> rewrite,
        Optional<Duration> timeout,
        Optional<HttpRetry> retries,
        Optional<HttpFault> fault,
        List<Mirror> mirrors,
        Optional<CorsPolicy> cors,
        HeaderOperations.Both headers) {

    /** {@code percent}: of the requests, 0 to 100. */
    public record Mirror(Destination destination, double percent) {}

    public HttpRoute {
        matches = List.copyOf(matches);
        mirrors = List.copyOf(mirrors);
    }

    /** Whether every request meets it, on any port and for any source. */
    public boolean matchesAll() {
        return matches.isEmpty() || matches.stream().anyMatch(HttpMatch::matchesAll);
    }
}
