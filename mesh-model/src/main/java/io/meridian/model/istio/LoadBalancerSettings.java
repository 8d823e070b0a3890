package io.meridian.model.istio;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How an endpoint is chosen.
 *
 * @param algorithm unset: the mesh's default
 * @param locality unset: the mesh's default
 */
public record LoadBalancerSettings(
        Optional<Algorithm> algorithm, Optional<LocalityLoadBalancing> locality, Optional<Warmup> warmup) {

    public sealed interface Algorithm permits Simple, ConsistentHash {}

    public enum Simple implements Algorithm {
        /** The mesh's default. */
        UNSPECIFIED,
        /** The deprecated name of {@link #LEAST_REQUEST}. */
        LEAST_CONN,
        RANDOM,
        /** To the address that the client asked for. */
        PASSTHROUGH,
        ROUND_ROBIN,
        LEAST_REQUEST
    }

    public record ConsistentHash(HashKey key, HashTable table) implements Algorithm {}

    /** What is hashed. */
    public sealed interface HashKey {
        record Header(String name) implements HashKey {}

        /** {@code ttl} zero: a session cookie; unset: the cookie is read and never made. */
        record Cookie(String name, Optional<String> path, Optional<Duration> ttl, List<CookieAttribute> attributes)
                implements HashKey {
            public Cookie {
                attributes = List.copyOf(attributes);
            }
        }

        record CookieAttribute(String name, Optional<String> value) {}

        record SourceIp() implements HashKey {}

        record QueryParameter(String name) implements HashKey {}
    }

    /** What the hash is looked up in. */
    public sealed interface HashTable {
        /** Unset: 1024. The deprecated field outside of {@code ringHash} stands here. */
        record RingHash(OptionalLong minimumRingSize) implements HashTable {}

        /** A prime; unset: 65537. */
        record Maglev(OptionalLong tableSize) implements HashTable {}
    }

    /**
     * At most one of {@code distribute}, {@code failover} and {@code failoverPriority} is there.
     *
     * @param enabled overrides the mesh's switch
     */
    public record LocalityLoadBalancing(
            Optional<Boolean> enabled,
            List<Distribute> distribute,
            List<Failover> failover,
            List<String> failoverPriority) {
        public LocalityLoadBalancing {
            distribute = List.copyOf(distribute);
            failover = List.copyOf(failover);
            failoverPriority = List.copyOf(failoverPriority);
        }
    }

    /** Localities are {@code region/zone/subzone}, with {@code *} at the end; weights sum to 100. */
    public record Distribute(String from, Map<String, Integer> to) {
        public Distribute {
            to = Ordered.copyOf(to);
        }
    }

    /** Regions. */
    public record Failover(String from, String to) {}

    /**
     * A new endpoint's share grows over time. The deprecated {@code warmupDurationSecs} stands here with the defaults.
     *
     * @param minimumPercent of the weight at the start, 10 when unset
     * @param aggression 1, linear, when unset
     */
    public record Warmup(Duration duration, OptionalDouble minimumPercent, OptionalDouble aggression) {}
}
