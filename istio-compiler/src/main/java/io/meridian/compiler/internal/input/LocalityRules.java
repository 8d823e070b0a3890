package io.meridian.compiler.internal.input;

import io.meridian.model.istio.DestinationRule;
import io.meridian.model.istio.LoadBalancerSettings;
import io.meridian.model.istio.OutlierDetection;
import io.meridian.model.istio.TrafficPolicy;
import java.util.Optional;
import java.util.stream.Stream;

/** Which DestinationRules make endpoints depend on where the client is: those that fail over, and those that distribute. */
final class LocalityRules {
    private LocalityRules() {}

    static boolean isOne(DestinationRule rule) {
        Stream<TrafficPolicy> ofSubsets = rule.subsets().stream().flatMap(subset -> subset.trafficPolicy().stream());
        return Stream.concat(rule.trafficPolicy().stream(), ofSubsets).anyMatch(LocalityRules::isOne);
    }

    private static boolean isOne(TrafficPolicy policy) {
        return isOne(policy.loadBalancer(), policy.outlierDetection())
                || policy.portLevelSettings().stream()
                        .anyMatch(port -> isOne(port.loadBalancer(), port.outlierDetection()));
    }

    private static boolean isOne(Optional<LoadBalancerSettings> balancing, Optional<OutlierDetection> outliers) {
        return outliers.isPresent()
                || balancing.flatMap(LoadBalancerSettings::locality).isPresent();
    }
}
