package io.meridian.model.istio;

import io.meridian.model.istio.TrafficPolicy.PortTrafficPolicy;
import io.meridian.model.istio.TrafficPolicy.ProxyProtocol;
import io.meridian.model.istio.TrafficPolicy.RetryBudget;
import io.meridian.model.istio.TrafficPolicy.Tunnel;
import io.meridian.model.istio.TrafficPolicy.TunnelProtocol;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code trafficPolicy}, of a host, a subset or a port. */
final class TrafficPolicyParser {
    private static final int MAX = Integer.MAX_VALUE;
    private static final String[] PORT_FIELDS = {"loadBalancer", "connectionPool", "outlierDetection", "tls"};

    private TrafficPolicyParser() {}

    static TrafficPolicy parse(FieldReader in) {
        in.atMostOne("tunnel", "proxyProtocol");
        List<Optional<PortTrafficPolicy>> ports = in.objects("portLevelSettings", TrafficPolicyParser::portPolicy);
        TrafficPolicy policy = new TrafficPolicy(
                in.object("loadBalancer", LoadBalancerParser::parse),
                in.object("connectionPool", ConnectionPoolParser::parse),
                in.object("outlierDetection", TrafficPolicyParser::outlierDetection),
                in.object("tls", TlsParser::client),
                ports.stream().flatMap(Optional::stream).toList(),
                in.object("tunnel", TrafficPolicyParser::tunnel),
                in.object("proxyProtocol", TrafficPolicyParser::proxyProtocol),
                in.object("retryBudget", TrafficPolicyParser::retryBudget));
        if (policy.equals(TrafficPolicy.NONE) && ports.isEmpty()) {
            in.error("", "must have at least one field");
        }
        List<String> numbers = policy.portLevelSettings().stream()
                .map(settings -> String.valueOf(settings.port()))
                .toList();
        FieldChecks.unique(in, "portLevelSettings", numbers, "port");
        return policy;
    }

    private static Optional<PortTrafficPolicy> portPolicy(FieldReader in) {
        in.require("port");
        OptionalInt port = in.object("port", Destinations::portNumber).orElse(OptionalInt.empty());
        if (Arrays.stream(PORT_FIELDS).noneMatch(in::has)) {
            in.error("", "must have at least one of " + String.join(", ", PORT_FIELDS));
        }
        Optional<LoadBalancerSettings> loadBalancer = in.object("loadBalancer", LoadBalancerParser::parse);
        Optional<ConnectionPoolSettings> pool = in.object("connectionPool", ConnectionPoolParser::parse);
        Optional<OutlierDetection> outliers = in.object("outlierDetection", TrafficPolicyParser::outlierDetection);
        Optional<ClientTlsSettings> tls = in.object("tls", TlsParser::client);
        return port.isPresent()
                ? Optional.of(new PortTrafficPolicy(port.getAsInt(), loadBalancer, pool, outliers, tls))
                : Optional.empty();
    }

    private static OutlierDetection outlierDetection(FieldReader in) {
        OptionalInt errors = in.integer("consecutiveErrors", 0, MAX);
        if (errors.isPresent() && errors.getAsInt() > 0) {
            in.warning("consecutiveErrors", "is deprecated: use consecutiveGatewayErrors or consecutive5xxErrors");
        }
        OptionalInt gatewayErrors = in.integer("consecutiveGatewayErrors", 0, MAX);
        OutlierDetection detection = new OutlierDetection(
                in.flag("splitExternalLocalOriginErrors"),
                in.integer("consecutiveLocalOriginFailures", 0, MAX),
                gatewayErrors.isPresent() ? gatewayErrors : errors,
                in.integer("consecutive5xxErrors", 0, MAX),
                in.duration("interval"),
                in.duration("baseEjectionTime"),
                in.integer("maxEjectionPercent", 0, 100),
                in.integer("minHealthPercent", 0, 100),
                in.integers("outlierDetectionHttpErrorCodes", 100, 599));
        if (!detection.splitExternalLocalOriginErrors()
                && detection.consecutiveLocalOriginFailures().orElse(0) > 0) {
            in.error(
                    "consecutiveLocalOriginFailures",
                    "has an effect only where splitExternalLocalOriginErrors is true");
        }
        return detection;
    }

    private static Tunnel tunnel(FieldReader in) {
        String host = in.requiredString("targetHost");
        if (!host.isEmpty() && !Syntax.isIpAddress(host)) {
            in.check("targetHost", Syntax.fqdn(host));
        }
        in.require("targetPort");
        return new Tunnel(
                in.enumeration("protocol", TunnelProtocol.class).orElse(TunnelProtocol.CONNECT),
                host,
                in.port("targetPort").orElse(0));
    }

    private static ProxyProtocol proxyProtocol(FieldReader in) {
        return in.enumeration("version", ProxyProtocol.class).orElse(ProxyProtocol.V1);
    }

    private static RetryBudget retryBudget(FieldReader in) {
        return new RetryBudget(
                in.number("percent", 0, 100),
                in.integer("minRetryConcurrency", 0, MAX),
                in.duration("budgetInterval", Duration.ZERO));
    }
}
