package io.meridian.compiler.internal.cluster;

import io.meridian.model.istio.LoadBalancerSettings;
import io.meridian.model.istio.LoadBalancerSettings.LocalityLoadBalancing;
import io.meridian.model.istio.TrafficPolicy;
import java.util.Optional;

/**
 * How clients prefer endpoints by where these are.
 *
 * @param setting unset: the nearest, if unhealthy ones are detected
 */
public record LocalityPreference(Optional<LocalityLoadBalancing> setting, boolean outlierDetection) {

    /** Empty where all localities are alike: nothing is distributed, and nothing would ever fail over. */
    public static Optional<LocalityPreference> of(TrafficPolicy policy) {
        Optional<LocalityLoadBalancing> setting = policy.loadBalancer().flatMap(LoadBalancerSettings::locality);
        boolean outlierDetection = policy.outlierDetection().isPresent();
        boolean distributes =
                setting.filter(locality -> !locality.distribute().isEmpty()).isPresent();
        boolean enabled = setting.flatMap(LocalityLoadBalancing::enabled).orElse(true);
        return enabled && (distributes || outlierDetection)
                ? Optional.of(new LocalityPreference(setting, outlierDetection))
                : Optional.empty();
    }
}
