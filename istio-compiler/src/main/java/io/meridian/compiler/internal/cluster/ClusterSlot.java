package io.meridian.compiler.internal.cluster;

import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.MergedRule;
import io.meridian.compiler.internal.service.Service;
import io.meridian.compiler.internal.service.ServiceOf;
import io.meridian.compiler.internal.service.ServicePort;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.compiler.translate.ClusterTranslation;
import io.meridian.model.istio.DestinationRule;
import io.meridian.model.istio.Protocol;
import io.meridian.model.istio.TrafficPolicy;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A cluster that a service has, whoever the client is: one per port, and one per port and subset.
 *
 * @param subset empty for the port's own
 * @param labels that the endpoints must have
 * @param name Istio's
 * @param policy of the rule, the subset and the port together
 */
public record ClusterSlot(
        Service service,
        ServicePort port,
        String subset,
        Map<String, String> labels,
        String name,
        TrafficPolicy policy) {

    /**
     * Those of a service; none if there is no such service.
     *
     * @param rules that apply to the client, of {@code RuleFor}
     * @param ports which of them; empty: all
     */
    public static List<ClusterSlot> of(Tracked view, ServiceKey key, List<ResourceKey> rules, List<Integer> ports) {
        Optional<Service> service = view.get(new ServiceOf(key));
        if (service.isEmpty()) {
            return List.of();
        }
        MergedRule.Policies policies = view.get(new MergedRule(rules));
        List<ClusterSlot> slots = new ArrayList<>();
        for (ServicePort port : service.get().ports()) {
            if (port.protocol() == Protocol.UDP || !(ports.isEmpty() || ports.contains(port.number()))) {
                continue;
            }
            slots.add(of(service.get(), port, policies, Optional.empty()));
            for (DestinationRule.Subset subset : policies.subsets()) {
                slots.add(of(service.get(), port, policies, Optional.of(subset)));
            }
        }
        return slots;
    }

    private static ClusterSlot of(
            Service service, ServicePort port, MergedRule.Policies policies, Optional<DestinationRule.Subset> subset) {
        String name = subset.map(DestinationRule.Subset::name).orElse("");
        return new ClusterSlot(
                service,
                port,
                name,
                subset.map(DestinationRule.Subset::labels).orElse(Map.of()),
                ClusterNames.outbound(port.number(), name, service.host()),
                ClusterTranslation.effective(
                        policies.trafficPolicy(),
                        subset.flatMap(DestinationRule.Subset::trafficPolicy),
                        port.number()));
    }
}
