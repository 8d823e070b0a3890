package io.meridian.model.istio;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** Limits of the connections to a destination. What is unset is the mesh's or Envoy's default. */
public record ConnectionPoolSettings(Optional<Tcp> tcp, Optional<Http> http) {

    /** {@code idleTimeout} zero: never. */
    public record Tcp(
            OptionalInt maxConnections,
            Optional<Duration> connectTimeout,
            Optional<Keepalive> tcpKeepalive,
            Optional<Duration> maxConnectionDuration,
            Optional<Duration> idleTimeout) {}

    public record Keepalive(OptionalInt probes, Optional<Duration> time, Optional<Duration> interval) {}

    /** {@code useClientProtocol} overrides {@code h2UpgradePolicy}. */
    public record Http(
            OptionalInt http1MaxPendingRequests,
            OptionalInt http2MaxRequests,
            OptionalInt maxRequestsPerConnection,
            OptionalInt maxRetries,
            Optional<Duration> idleTimeout,
            H2UpgradePolicy h2UpgradePolicy,
            boolean useClientProtocol,
            OptionalInt maxConcurrentStreams,
            Optional<Http2Keepalive> http2KeepAlive) {}

    public record Http2Keepalive(Optional<Duration> interval, Optional<Duration> timeout) {}

    public enum H2UpgradePolicy {
        /** The mesh's. */
        DEFAULT,
        DO_NOT_UPGRADE,
        UPGRADE
    }
}
