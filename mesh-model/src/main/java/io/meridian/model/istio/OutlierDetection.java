package io.meridian.model.istio;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * When an endpoint is taken out of balancing for a while.
 *
 * @param consecutiveGatewayErrors 502, 503 and 504 in a row; the deprecated count of "errors" stands here
 * @param consecutive5xxErrors 5 when unset, 0: never
 * @param interval between judgements, 10 s when unset
 * @param baseEjectionTime 30 s when unset
 * @param maxEjectionPercent of the endpoints, 10 when unset
 * @param minHealthPercent below it nothing is ejected, 0 when unset
 * @param httpErrorCodes that count as errors, 100 to 599; empty: 5xx
 */
public record OutlierDetection(
        boolean splitExternalLocalOriginErrors,
        OptionalInt consecutiveLocalOriginFailures,
        OptionalInt consecutiveGatewayErrors,
        OptionalInt consecutive5xxErrors,
        Optional<Duration> interval,
        Optional<Duration> baseEjectionTime,
        OptionalInt maxEjectionPercent,
        OptionalInt minHealthPercent,
        List<Integer> httpErrorCodes) {
    public OutlierDetection {
        httpErrorCodes = List.copyOf(httpErrorCodes);
    }
}
