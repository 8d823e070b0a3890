package io.meridian.model.istio;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How connections to a destination are made. A part that is unset is inherited: subset from host.
 *
 * @param portLevelSettings a port's settings replace all of the destination's parts that a port can have: they do not merge
 */
public record TrafficPolicy(
        Optional<LoadBalancerSettings> loadBalancer,
        Optional<ConnectionPoolSettings> connectionPool,
        Optional<OutlierDetection> outlierDetection,
        Optional<ClientTlsSettings> tls,
        List<PortTrafficPolicy> portLevelSettings,
        Optional<Tunnel> tunnel,
        Optional<ProxyProtocol> proxyProtocol,
        Optional<RetryBudget> retryBudget) {

    public static final TrafficPolicy NONE = new TrafficPolicy(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /** For one port of the service, 1 to 65535. */
    public record PortTrafficPolicy(
            int port,
            Optional<LoadBalancerSettings> loadBalancer,
            Optional<ConnectionPoolSettings> connectionPool,
            Optional<OutlierDetection> outlierDetection,
            Optional<ClientTlsSettings> tls) {}

    /** TCP or TLS carried through an HTTP tunnel. */
    public record Tunnel(TunnelProtocol protocol, String targetHost, int targetPort) {}

    public enum TunnelProtocol {
        /** The default. */
        CONNECT,
        POST
    }

    /** The version of HAProxy's protocol that upstream connections begin with. */
    public enum ProxyProtocol {
        V1,
        V2
    }

    /** {@code percent}: of active requests, 0 to 100, 20 when unset; {@code minRetryConcurrency}: 3 when unset. */
    public record RetryBudget(
            OptionalDouble percent, OptionalInt minRetryConcurrency, Optional<Duration> budgetInterval) {}

    public TrafficPolicy {
        portLevelSettings = List.copyOf(portLevelSettings);
    }

    public Optional<PortTrafficPolicy> forPort(int port) {
        return portLevelSettings.stream()
                .filter(settings -> settings.port() == port)
                .findFirst();
    }
}
