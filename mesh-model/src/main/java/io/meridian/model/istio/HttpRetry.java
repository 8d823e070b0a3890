package io.meridian.model.istio;

import java.time.Duration;
import java.util.Optional;

/**
 * How failed requests are tried again. Istio's {@code HTTPRetry}.
 *
 * @param attempts beyond the first; 0: none
 * @param perTryTimeout unset: that of the route
 * @param retryOn comma-separated Envoy conditions and HTTP codes; unset: Istio's default
 * @param retryRemoteLocalities unset: no
 * @param retryIgnorePreviousHosts unset: yes
 * @param backoff between tries, the base of an exponential one
 */
public record HttpRetry(
        int attempts,
        Optional<Duration> perTryTimeout,
        Optional<String> retryOn,
        Optional<Boolean> retryRemoteLocalities,
        Optional<Boolean> retryIgnorePreviousHosts,
        Optional<Duration> backoff) {}
