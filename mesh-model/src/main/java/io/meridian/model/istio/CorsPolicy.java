package io.meridian.model.istio;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Cross-origin resource sharing.
 *
 * @param allowOrigins the deprecated plain list of them stands here as exact matches
 * @param allowCredentials unset: no header
 */
public record CorsPolicy(
        List<StringMatch> allowOrigins,
        List<String> allowMethods,
        List<String> allowHeaders,
        List<String> exposeHeaders,
        Optional<Duration> maxAge,
        Optional<Boolean> allowCredentials,
        UnmatchedPreflights unmatchedPreflights) {

    /** Whether preflight requests of origins that are not allowed go on to the service. */
    public enum UnmatchedPreflights {
        /** As {@link #FORWARD}. */
        UNSPECIFIED,
        FORWARD,
        IGNORE
    }

    public CorsPolicy {
        allowOrigins = List.copyOf(allowOrigins);
        allowMethods = List.copyOf(allowMethods);
        allowHeaders = List.copyOf(allowHeaders);
        exposeHeaders = List.copyOf(exposeHeaders);
    }
}
