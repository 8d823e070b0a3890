package io.meridian.model.istio;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Policies for the traffic to a host, after routing.
 *
 * @param host as written: short names are resolved in the object's namespace; may be a wildcard
 * @param subsets names are unique
 * @param exportTo as of {@link VirtualService}
 * @param workloadSelector labels of the client workloads that it applies to; unset: all
 */
public record DestinationRule(
        String host,
        Optional<TrafficPolicy> trafficPolicy,
        List<Subset> subsets,
        List<String> exportTo,
        Optional<Map<String, String>> workloadSelector)
        implements IstioSpec {

    /** Endpoints of the host by labels. {@code trafficPolicy} overrides that of the host, part by part. */
    public record Subset(String name, Map<String, String> labels, Optional<TrafficPolicy> trafficPolicy) {
        public Subset {
            labels = Ordered.copyOf(labels);
        }
    }

    public DestinationRule {
        subsets = List.copyOf(subsets);
        exportTo = List.copyOf(exportTo);
        workloadSelector = workloadSelector.map(Ordered::copyOf);
    }

    public Optional<Subset> subset(String name) {
        return subsets.stream().filter(subset -> subset.name().equals(name)).findFirst();
    }
}
