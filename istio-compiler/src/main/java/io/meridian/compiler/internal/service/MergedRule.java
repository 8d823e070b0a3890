package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.model.istio.DestinationRule;
import io.meridian.model.istio.TrafficPolicy;
import io.meridian.model.resource.ResourceKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rules of one host as one: the first policy and the first subset of each name win. */
public record MergedRule(List<ResourceKey> rules) implements Query<MergedRule.Policies> {

    /** {@code subsets} in the order in which they are written. */
    public record Policies(Optional<TrafficPolicy> trafficPolicy, List<DestinationRule.Subset> subsets) {
        public static final Policies NONE = new Policies(Optional.empty(), List.of());

        public Optional<DestinationRule.Subset> subset(String name) {
            return subsets.stream().filter(subset -> subset.name().equals(name)).findFirst();
        }
    }

    @Override
    public Policies compute(Tracked view) {
        Optional<TrafficPolicy> policy = Optional.empty();
        Map<String, DestinationRule.Subset> subsets = new LinkedHashMap<>();
        for (ResourceKey key : rules) {
            Optional<DestinationRule> rule = view.row(Inputs.DESTINATION_RULES, key);
            if (rule.isPresent()) {
                policy = policy.or(rule.get()::trafficPolicy);
                rule.get().subsets().forEach(subset -> subsets.putIfAbsent(subset.name(), subset));
            }
        }
        return new Policies(policy, List.copyOf(subsets.values()));
    }
}
