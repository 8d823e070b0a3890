package io.meridian.model.istio;

import io.meridian.model.istio.DestinationRule.Subset;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

final class DestinationRuleParser {
    private DestinationRuleParser() {}

    static DestinationRule parse(FieldReader in, ResourceKey key) {
        String host = in.requiredString("host").toLowerCase(Locale.ROOT);
        if (!host.isEmpty()) {
            in.check("host", Syntax.wildcardHost(host));
        }
        Optional<TrafficPolicy> policy = in.object("trafficPolicy", TrafficPolicyParser::parse);
        List<Subset> subsets = in.objects("subsets", DestinationRuleParser::subset);
        FieldChecks.unique(in, "subsets", subsets.stream().map(Subset::name).toList(), "subset name");
        List<String> exportTo = FieldChecks.exportTo(in, key.namespace(), false);
        Optional<Map<String, String>> selector = FieldChecks.workloadSelector(in, "matchLabels");
        boolean beyond = exportTo.stream().anyMatch(to -> !to.equals(".") && !to.equals(key.namespace()));
        if (selector.isPresent() && beyond) {
            in.error("exportTo", "must be the own namespace only (\".\") where there is a workloadSelector");
        }
        return new DestinationRule(host, policy, subsets, exportTo, selector);
    }

    private static Subset subset(FieldReader in) {
        String name = in.requiredString("name");
        if (!name.isEmpty()) {
            in.check("name", Destinations.subsetName(name));
        }
        return new Subset(
                name, FieldChecks.labels(in, "labels"), in.object("trafficPolicy", TrafficPolicyParser::parse));
    }
}
