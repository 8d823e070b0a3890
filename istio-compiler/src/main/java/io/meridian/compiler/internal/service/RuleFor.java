package io.meridian.compiler.internal.service;

import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Age;
import io.meridian.compiler.internal.input.HostIn;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.input.RuleRef;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.input.WildcardUse;
import io.meridian.model.istio.HostNames;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The DestinationRules of a service for a client, to be merged in this order; mostly none or one. Istio's order of search: the client's
 * namespace, the service's, the root namespace; within one, the most specific host (PushContext.destinationRule).
 *
 * @param labels of the {@link Client}
 */
public record RuleFor(String namespace, Map<String, String> labels, ServiceKey service)
        implements Query<List<ResourceKey>> {
    @Override
    public List<ResourceKey> compute(Tracked view) {
        List<ResourceKey> own = in(view, namespace);
        if (!own.isEmpty()) {
            return own;
        }
        List<ResourceKey> theirs = in(view, service.namespace());
        return theirs.isEmpty() ? in(view, MeshValues.rootNamespace(view)) : theirs;
    }

    private List<ResourceKey> in(Tracked view, String owner) {
        List<ResourceKey> exact = new ArrayList<>();
        view.bucket(Inputs.RULES_BY_HOST, new HostIn(owner, service.host()))
                .forEach((age, rule) -> addIfMeant(exact, age, rule));
        if (!exact.isEmpty()) {
            return selectedFirst(view, exact);
        }
        List<ResourceKey> byWildcard = new ArrayList<>();
        String pattern = "";
        for (Map.Entry<WildcardUse, RuleRef> use :
                view.bucket(Inputs.WILDCARD_RULES, owner).entrySet()) {
            String candidate = use.getKey().pattern();
            if (!byWildcard.isEmpty() && !candidate.equals(pattern)) {
                break;
            }
            if (HostNames.covers(candidate, service.host())) {
                pattern = candidate;
                addIfMeant(byWildcard, use.getKey().age(), use.getValue());
            }
        }
        return selectedFirst(view, byWildcard);
    }

    private void addIfMeant(List<ResourceKey> rules, Age age, RuleRef rule) {
        boolean selected = rule.selector()
                .map(selector -> age.key().namespace().equals(namespace)
                        && labels.entrySet().containsAll(selector.entrySet()))
                .orElse(true);
        if (selected && Visibility.isVisible(rule.exportTo(), age.key().namespace(), namespace)) {
            rules.add(age.key());
        }
    }

    /** A rule that selects the client stands alone: it does not merge with those for everyone. */
    private static List<ResourceKey> selectedFirst(Tracked view, List<ResourceKey> rules) {
        for (ResourceKey rule : rules) {
            boolean selects = view.row(Inputs.DESTINATION_RULES, rule)
                    .flatMap(io.meridian.model.istio.DestinationRule::workloadSelector)
                    .isPresent();
            if (selects) {
                return List.of(rule);
            }
        }
        return List.copyOf(rules);
    }
}
