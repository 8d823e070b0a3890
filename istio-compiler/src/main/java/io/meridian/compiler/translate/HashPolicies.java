package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.route.v3.RouteAction.HashPolicy;
import io.meridian.model.istio.Destination;
import io.meridian.model.istio.DestinationRule;
import io.meridian.model.istio.LoadBalancerSettings;
import io.meridian.model.istio.LoadBalancerSettings.ConsistentHash;
import io.meridian.model.istio.LoadBalancerSettings.HashKey;
import io.meridian.model.istio.TrafficPolicy;
import java.util.Optional;
import java.util.OptionalInt;

/** What consistent hashing goes by: a part of the cluster's policy that Envoy wants on the route. */
public final class HashPolicies {
    private HashPolicies() {}

    /**
     * What the rule says for a destination as a VirtualService names it: the subset's port, the subset, the port, the host, in this order. As in
     * Istio, ports count only where the destination says its port.
     */
    public static Optional<ConsistentHash> of(DestinationRule rule, Destination destination) {
        Optional<TrafficPolicy> host = rule.trafficPolicy();
        Optional<TrafficPolicy> subset =
                destination.subset().flatMap(rule::subset).flatMap(DestinationRule.Subset::trafficPolicy);
        return subset.flatMap(policy -> ofPort(policy, destination.port()))
                .or(() -> subset.flatMap(policy -> of(policy.loadBalancer())))
                .or(() -> host.flatMap(policy -> ofPort(policy, destination.port())))
                .or(() -> host.flatMap(policy -> of(policy.loadBalancer())));
    }

    private static Optional<ConsistentHash> ofPort(TrafficPolicy policy, OptionalInt port) {
        return port.isEmpty()
                ? Optional.empty()
                : policy.forPort(port.getAsInt()).flatMap(settings -> of(settings.loadBalancer()));
    }

    private static Optional<ConsistentHash> of(Optional<LoadBalancerSettings> settings) {
        return settings.flatMap(LoadBalancerSettings::algorithm)
                .filter(ConsistentHash.class::isInstance)
                .map(ConsistentHash.class::cast);
    }

    static HashPolicy policy(ConsistentHash hash) {
        HashPolicy.Builder policy = HashPolicy.newBuilder();
        switch (hash.key()) {
            case HashKey.Header header -> policy.getHeaderBuilder().setHeaderName(header.name());
            case HashKey.Cookie cookie -> policy.setCookie(cookie(cookie));
            case HashKey.SourceIp source ->
                policy.getConnectionPropertiesBuilder().setSourceIp(true);
            case HashKey.QueryParameter parameter ->
                policy.getQueryParameterBuilder().setName(parameter.name());
        }
        return policy.build();
    }

    private static HashPolicy.Cookie cookie(HashKey.Cookie cookie) {
        HashPolicy.Cookie.Builder out = HashPolicy.Cookie.newBuilder().setName(cookie.name());
        cookie.path().ifPresent(out::setPath);
        cookie.ttl().ifPresent(ttl -> out.setTtl(ProtoValues.duration(ttl)));
        for (HashKey.CookieAttribute attribute : cookie.attributes()) {
            out.addAttributesBuilder()
                    .setName(attribute.name())
                    .setValue(attribute.value().orElse(""));
        }
        return out.build();
    }
}
