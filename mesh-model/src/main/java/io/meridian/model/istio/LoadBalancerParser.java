package io.meridian.model.istio;

import io.meridian.model.istio.LoadBalancerSettings.ConsistentHash;
import io.meridian.model.istio.LoadBalancerSettings.Distribute;
import io.meridian.model.istio.LoadBalancerSettings.Failover;
import io.meridian.model.istio.LoadBalancerSettings.HashKey;
import io.meridian.model.istio.LoadBalancerSettings.HashTable;
import io.meridian.model.istio.LoadBalancerSettings.LocalityLoadBalancing;
import io.meridian.model.istio.LoadBalancerSettings.Simple;
import io.meridian.model.istio.LoadBalancerSettings.Warmup;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** {@code loadBalancer}. */
final class LoadBalancerParser {
    /** Envoy's. */
    private static final long MAX_MAGLEV_TABLE_SIZE = 5_000_011;

    private static final long MAX_RING_SIZE = 8_388_608;

    private LoadBalancerParser() {}

    static LoadBalancerSettings parse(FieldReader in) {
        in.atMostOne("simple", "consistentHash", "backendUtilization");
        notSupported(in, "backendUtilization");
        notSupported(in, "zoneAwareLbSetting");
        Optional<LoadBalancerSettings.Algorithm> simple =
                in.enumeration("simple", Simple.class).map(found -> found);
        Optional<LoadBalancerSettings.Algorithm> hash =
                in.object("consistentHash", LoadBalancerParser::consistentHash).flatMap(found -> found);
        Optional<Warmup> warmup =
                in.object("warmup", LoadBalancerParser::warmup).flatMap(found -> found);
        Optional<Warmup> plainWarmup = in.duration("warmupDurationSecs")
                .map(duration -> new Warmup(duration, OptionalDouble.empty(), OptionalDouble.empty()));
        return new LoadBalancerSettings(
                simple.or(() -> hash),
                in.object("localityLbSetting", LoadBalancerParser::locality),
                warmup.or(() -> plainWarmup));
    }

    /** Refused rather than ignored: who writes it expects it to work. */
    private static void notSupported(FieldReader in, String field) {
        if (in.has(field)) {
            in.error(field, "is not supported by this version");
        }
        in.ignore(field);
    }

    private static Optional<LoadBalancerSettings.Algorithm> consistentHash(FieldReader in) {
        in.atMostOne("httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName");
        in.atMostOne("ringHash", "maglev", "minimumRingSize");
        Optional<HashKey> header = in.string("httpHeaderName").map(name -> {
            in.check(
                    "httpHeaderName",
                    name.startsWith(":") ? Syntax.headerName(name.substring(1)) : Syntax.headerName(name));
            return new HashKey.Header(name);
        });
        Optional<HashKey> cookie = in.object("httpCookie", LoadBalancerParser::cookie);
        Optional<HashKey> sourceIp = in.bool("useSourceIp").filter(used -> used).map(used -> new HashKey.SourceIp());
        Optional<HashKey> parameter = in.string("httpQueryParameterName").map(HashKey.QueryParameter::new);
        OptionalLong plainSize = in.longInteger("minimumRingSize", 0, MAX_RING_SIZE);
        if (plainSize.isPresent()) {
            in.warning("minimumRingSize", "is deprecated: use ringHash");
        }
        Optional<HashTable> ring = in.object(
                "ringHash", hash -> new HashTable.RingHash(hash.longInteger("minimumRingSize", 0, MAX_RING_SIZE)));
        Optional<HashTable> maglev = in.object("maglev", LoadBalancerParser::maglev);
        Optional<HashKey> key = header.or(() -> cookie).or(() -> sourceIp).or(() -> parameter);
        if (key.isEmpty()) {
            in.error("", "must have one of httpHeaderName, httpCookie, useSourceIp and httpQueryParameterName");
        }
        HashTable table = ring.or(() -> maglev).orElseGet(() -> new HashTable.RingHash(plainSize));
        return key.map(found -> new ConsistentHash(found, table));
    }

    private static HashKey cookie(FieldReader in) {
        HashKey.Cookie cookie = new HashKey.Cookie(
                in.requiredString("name"),
                in.string("path"),
                in.duration("ttl", Duration.ZERO),
                in.objects("attributes", LoadBalancerParser::cookieAttribute));
        in.check("name", Syntax.headerText(cookie.name()));
        cookie.path().ifPresent(path -> in.check("path", Syntax.headerText(path)));
        return cookie;
    }

    private static HashKey.CookieAttribute cookieAttribute(FieldReader in) {
        HashKey.CookieAttribute attribute = new HashKey.CookieAttribute(in.requiredString("name"), in.string("value"));
        in.check("name", Syntax.headerText(attribute.name()));
        attribute.value().ifPresent(value -> in.check("value", Syntax.headerText(value)));
        return attribute;
    }

    private static HashTable maglev(FieldReader in) {
        OptionalLong size = in.longInteger("tableSize", 1, MAX_MAGLEV_TABLE_SIZE - 1);
        if (size.isPresent() && !BigInteger.valueOf(size.getAsLong()).isProbablePrime(50)) {
            in.error("tableSize", "must be a prime number, but is " + size.getAsLong());
        }
        return new HashTable.Maglev(size);
    }

    private static LocalityLoadBalancing locality(FieldReader in) {
        in.atMostOne("distribute", "failover", "failoverPriority");
        return new LocalityLoadBalancing(
                in.bool("enabled"),
                in.objects("distribute", LoadBalancerParser::distribute),
                in.objects("failover", LoadBalancerParser::failover),
                in.strings("failoverPriority"));
    }

    private static Distribute distribute(FieldReader in) {
        String from = in.requiredString("from");
        Map<String, Integer> to = in.integerMap("to", 1, 100);
        int sum = to.values().stream().mapToInt(Integer::intValue).sum();
        if (sum != 100) {
            in.error("to", "the weights must sum to 100, but sum to " + sum);
        }
        return new Distribute(from, to);
    }

    private static Failover failover(FieldReader in) {
        Failover failover = new Failover(in.requiredString("from"), in.requiredString("to"));
        if (failover.from().equals(failover.to()) && !failover.from().isEmpty()) {
            in.error("to", "must be another region than from");
        }
        return failover;
    }

    private static Optional<Warmup> warmup(FieldReader in) {
        in.require("duration");
        OptionalDouble minimum = in.number("minimumPercent", 0, 100);
        OptionalDouble aggression = in.number("aggression", 0, Double.MAX_VALUE);
        if (aggression.isPresent() && aggression.getAsDouble() == 0) {
            in.error("aggression", "must be above 0");
        }
        return in.duration("duration").map(duration -> new Warmup(duration, minimum, aggression));
    }
}
