package io.meridian.compiler.translate;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.meridian.model.istio.LoadBalancerSettings.Distribute;
import io.meridian.model.istio.LoadBalancerSettings.Failover;
import io.meridian.model.istio.LoadBalancerSettings.LocalityLoadBalancing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Which localities a proxy prefers: {@code localityLbSetting}, applied to the endpoints of a cluster. It depends on where the proxy is.
 *
 * <p>{@code failoverPriority} goes by labels of endpoints, which an assignment does not know: {@link FailoverPriority}.
 */
public final class LocalityPriorities {
    /** Priorities before they are made gapless: same zone and subzone, same zone, same region, elsewhere. */
    private static final int ELSEWHERE = 3;

    private static final int NOT_FAILED_OVER_TO = 4;

    private LocalityPriorities() {}

    /**
     * @param proxy its locality; without region nothing changes
     * @param setting of the destination's policy; unset: the mesh's default, failover to the nearest
     * @param outlierDetection whether the cluster has it: without it, nothing fails over
     */
    public static void apply(
            ClusterLoadAssignment.Builder assignment,
            Locality proxy,
            Optional<LocalityLoadBalancing> setting,
            boolean outlierDetection) {
        boolean enabled = setting.flatMap(LocalityLoadBalancing::enabled).orElse(true);
        if (!enabled || proxy.getRegion().isEmpty()) {
            return;
        }
        List<Distribute> distribute =
                setting.map(LocalityLoadBalancing::distribute).orElse(List.of());
        if (!distribute.isEmpty()) {
            distribute.stream()
                    .filter(rule -> matches(rule.from(), proxy))
                    .findFirst()
                    .ifPresent(rule -> distribute(assignment, rule));
        } else if (outlierDetection
                && setting.map(LocalityLoadBalancing::failoverPriority)
                        .orElse(List.of())
                        .isEmpty()) {
            failOver(
                    assignment,
                    proxy,
                    setting.map(LocalityLoadBalancing::failover).orElse(List.of()));
        }
    }

    /** {@code pattern}: "region/zone/subzone", shorter, or with "*" for the rest. */
    private static boolean matches(String pattern, Locality locality) {
        String[] wanted = pattern.split("/", -1);
        String[] actual = {locality.getRegion(), locality.getZone(), locality.getSubZone()};
        for (int i = 0; i < Math.min(wanted.length, actual.length); i++) {
            if (wanted[i].equals("*")) {
                return true;
            }
            if (!wanted[i].equals(actual[i])) {
                return false;
            }
        }
        return true;
    }

    /** A share is divided among the localities that it names by the weights of their endpoints; those that no share names get nothing. */
    private static void distribute(ClusterLoadAssignment.Builder assignment, Distribute rule) {
        // As in Istio, a locality counts for the first share whose pattern it meets.
        Map<String, List<LocalityLbEndpoints.Builder>> named = new TreeMap<>();
        for (LocalityLbEndpoints.Builder locality : assignment.getEndpointsBuilderList()) {
            rule.to().keySet().stream()
                    .filter(pattern -> matches(pattern, locality.getLocality()))
                    .findFirst()
                    .ifPresentOrElse(
                            pattern -> named.computeIfAbsent(pattern, added -> new ArrayList<>())
                                    .add(locality),
                            locality::clearLbEndpoints);
        }
        named.forEach((pattern, localities) -> share(localities, rule.to().getOrDefault(pattern, 0)));
    }

    private static void share(List<LocalityLbEndpoints.Builder> localities, int share) {
        long total = localities.stream().mapToLong(LocalityPriorities::weight).sum();
        for (LocalityLbEndpoints.Builder locality : localities) {
            long weight = Math.ceilDiv(share * weight(locality), Math.max(total, 1));
            locality.setLoadBalancingWeight(UInt32Value.of((int) Math.max(weight, 1)));
        }
    }

    private static long weight(LocalityLbEndpoints.Builder locality) {
        return locality.getLbEndpointsList().stream()
                .mapToLong(LocalityPriorities::weight)
                .sum();
    }

    private static long weight(LbEndpoint endpoint) {
        return endpoint.hasLoadBalancingWeight()
                ? endpoint.getLoadBalancingWeight().getValue()
                : 1;
    }

    private static void failOver(ClusterLoadAssignment.Builder assignment, Locality proxy, List<Failover> rules) {
        Optional<String> target = rules.stream()
                .filter(rule -> rule.from().equals(proxy.getRegion()))
                .map(Failover::to)
                .findFirst();
        int[] priorities = assignment.getEndpointsList().stream()
                .mapToInt(endpoints -> priority(proxy, endpoints.getLocality(), target))
                .toArray();
        // Envoy wants them gapless from 0.
        List<Integer> levels =
                List.copyOf(new TreeSet<>(IntStream.of(priorities).boxed().toList()));
        for (int i = 0; i < priorities.length; i++) {
            assignment.getEndpointsBuilder(i).setPriority(levels.indexOf(priorities[i]));
        }
    }

    private static int priority(Locality proxy, Locality endpoint, Optional<String> target) {
        if (!proxy.getRegion().equals(endpoint.getRegion())) {
            return target.filter(region -> !region.equals(endpoint.getRegion())).isPresent()
                    ? NOT_FAILED_OVER_TO
                    : ELSEWHERE;
        }
        if (!proxy.getZone().equals(endpoint.getZone())) {
            return 2;
        }
        return proxy.getSubZone().equals(endpoint.getSubZone()) ? 0 : 1;
    }
}
