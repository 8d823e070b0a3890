package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryBackOff;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryHostPredicate;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy.RetryPriority;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.envoyproxy.envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig;
import io.meridian.model.istio.HttpRetry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Retry policies. Defaults are those of a current istiod: no retry on 503 of a request that may have been processed. */
final class Retries {
    private static final String RETRIABLE_STATUS_CODES = "retriable-status-codes";
    private static final String DEFAULT_RETRY_ON =
            "connect-failure,refused-stream,unavailable,cancelled," + RETRIABLE_STATUS_CODES;
    private static final int DEFAULT_RETRIES = 2;

    /** How often a host is chosen again that was tried before. */
    private static final int HOST_SELECTION_ATTEMPTS = 5;

    /** After how many tries the share of the priorities is computed anew. */
    private static final int PRIORITY_UPDATE_FREQUENCY = 2;

    private static final RetryHostPredicate PREVIOUS_HOSTS = RetryHostPredicate.newBuilder()
            .setName("envoy.retry_host_predicates.previous_hosts")
            .setTypedConfig(ProtoValues.any(PreviousHostsPredicate.getDefaultInstance()))
            .build();

    private static final RetryPriority PREVIOUS_PRIORITIES = RetryPriority.newBuilder()
            .setName("envoy.retry_priorities.previous_priorities")
            .setTypedConfig(ProtoValues.any(PreviousPrioritiesConfig.newBuilder()
                    .setUpdateFrequency(PRIORITY_UPDATE_FREQUENCY)
                    .build()))
            .build();

    static final RetryPolicy DEFAULT = policy(false).build();

    private Retries() {}

    private static RetryPolicy.Builder policy(boolean sameHost) {
        RetryPolicy.Builder policy = RetryPolicy.newBuilder()
                .setRetryOn(DEFAULT_RETRY_ON)
                .setNumRetries(ProtoValues.uint32(DEFAULT_RETRIES))
                .setHostSelectionRetryMaxAttempts(HOST_SELECTION_ATTEMPTS);
        if (!sameHost) {
            policy.addRetryHostPredicate(PREVIOUS_HOSTS);
        }
        return policy;
    }

    /**
     * Empty: no retries.
     *
     * @param hashed whether the host is chosen by consistent hashing, in which case a retry stays with it
     */
    static Optional<RetryPolicy> of(Optional<HttpRetry> retry, boolean hashed) {
        if (retry.isEmpty()) {
            return Optional.of(policy(hashed).build());
        }
        HttpRetry asked = retry.get();
        if (asked.attempts() <= 0) {
            return Optional.empty();
        }
        RetryPolicy.Builder policy = policy(hashed).setNumRetries(ProtoValues.uint32(asked.attempts()));
        asked.retryOn().ifPresent(conditions -> setRetryOn(policy, conditions));
        asked.perTryTimeout().ifPresent(timeout -> policy.setPerTryTimeout(ProtoValues.duration(timeout)));
        asked.retryIgnorePreviousHosts().ifPresent(ignore -> {
            policy.clearRetryHostPredicate();
            if (ignore) {
                policy.addRetryHostPredicate(PREVIOUS_HOSTS);
            }
        });
        if (asked.retryRemoteLocalities().orElse(false)) {
            policy.setRetryPriority(PREVIOUS_PRIORITIES);
        }
        asked.backoff()
                .ifPresent(base ->
                        policy.setRetryBackOff(RetryBackOff.newBuilder().setBaseInterval(ProtoValues.duration(base))));
        return Optional.of(policy.build());
    }

    /** Numbers among the conditions are status codes, which need a condition of their own. */
    private static void setRetryOn(RetryPolicy.Builder policy, String conditions) {
        List<String> names = new ArrayList<>();
        for (String part : conditions.split(",", -1)) {
            String condition = part.strip();
            if (condition.matches("\\d{3}")) {
                policy.addRetriableStatusCodes(Integer.parseInt(condition));
            } else if (!condition.isEmpty()) {
                names.add(condition);
            }
        }
        if (policy.getRetriableStatusCodesCount() > 0 && !names.contains(RETRIABLE_STATUS_CODES)) {
            names.add(RETRIABLE_STATUS_CODES);
        }
        policy.setRetryOn(String.join(",", names));
    }
}
