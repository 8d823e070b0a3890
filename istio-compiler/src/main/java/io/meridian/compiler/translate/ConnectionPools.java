package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.KeepaliveSettings;
import io.envoyproxy.envoy.config.core.v3.TcpKeepalive;
import io.meridian.model.istio.ConnectionPoolSettings;
import io.meridian.model.istio.ConnectionPoolSettings.H2UpgradePolicy;
import io.meridian.model.istio.ConnectionPoolSettings.Http;
import io.meridian.model.istio.ConnectionPoolSettings.Http2Keepalive;
import io.meridian.model.istio.ConnectionPoolSettings.Keepalive;
import io.meridian.model.istio.ConnectionPoolSettings.Tcp;
import io.meridian.model.istio.TrafficPolicy.RetryBudget;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** Limits of connections and requests. As in Istio, a limit of 0 is one that is not set. */
final class ConnectionPools {
    private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** 4294967295: Envoy's own defaults (1024, and 3 retries) are too small for a mesh; Istio breaks no circuit unless asked to. */
    private static final int NO_LIMIT = -1;

    private static final double DEFAULT_RETRY_BUDGET_PERCENT = 20;
    private static final int DEFAULT_MIN_RETRY_CONCURRENCY = 3;

    /** Envoy requires one; Istio's reference does not name its default, gRPC's is 20 s. */
    private static final Duration DEFAULT_PING_TIMEOUT = Duration.ofSeconds(20);

    private ConnectionPools() {}

    static void apply(
            Cluster.Builder cluster,
            UpstreamHttp http,
            Optional<ConnectionPoolSettings> pool,
            Optional<RetryBudget> budget) {
        Optional<Tcp> tcpSettings = pool.flatMap(ConnectionPoolSettings::tcp);
        Optional<Http> httpSettings = pool.flatMap(ConnectionPoolSettings::http);
        cluster.setConnectTimeout(
                ProtoValues.duration(tcpSettings.flatMap(Tcp::connectTimeout).orElse(DEFAULT_CONNECT_TIMEOUT)));
        cluster.setCircuitBreakers(
                CircuitBreakers.newBuilder().addThresholds(thresholds(tcpSettings, httpSettings, budget)));
        tcpSettings
                .flatMap(Tcp::tcpKeepalive)
                .ifPresent(keepalive ->
                        cluster.getUpstreamConnectionOptionsBuilder().setTcpKeepalive(keepalive(keepalive)));
        httpSettings.ifPresent(settings -> chooseProtocol(http, settings));
        setLifetimes(http, tcpSettings, httpSettings);
        httpSettings.ifPresent(settings -> setHttp2(http, settings));
    }

    private static Thresholds thresholds(Optional<Tcp> tcp, Optional<Http> http, Optional<RetryBudget> budget) {
        Thresholds.Builder thresholds = Thresholds.newBuilder()
                .setMaxConnections(ProtoValues.uint32(limit(tcp.map(Tcp::maxConnections))))
                .setMaxPendingRequests(ProtoValues.uint32(limit(http.map(Http::http1MaxPendingRequests))))
                .setMaxRequests(ProtoValues.uint32(limit(http.map(Http::http2MaxRequests))))
                .setMaxRetries(ProtoValues.uint32(limit(http.map(Http::maxRetries))));
        budget.ifPresent(asked -> thresholds
                .getRetryBudgetBuilder()
                .setBudgetPercent(ProtoValues.percent(asked.percent().orElse(DEFAULT_RETRY_BUDGET_PERCENT)))
                .setMinRetryConcurrency(ProtoValues.uint32(
                        positive(asked.minRetryConcurrency()).orElse(DEFAULT_MIN_RETRY_CONCURRENCY))));
        return thresholds.build();
    }

    private static int limit(Optional<OptionalInt> asked) {
        return positive(asked.orElse(OptionalInt.empty())).orElse(NO_LIMIT);
    }

    private static OptionalInt positive(OptionalInt value) {
        return value.orElse(0) > 0 ? value : OptionalInt.empty();
    }

    private static TcpKeepalive keepalive(Keepalive asked) {
        TcpKeepalive.Builder keepalive = TcpKeepalive.newBuilder();
        positive(asked.probes()).ifPresent(probes -> keepalive.setKeepaliveProbes(ProtoValues.uint32(probes)));
        asked.time().ifPresent(time -> keepalive.setKeepaliveTime(seconds(time)));
        asked.interval().ifPresent(interval -> keepalive.setKeepaliveInterval(seconds(interval)));
        return keepalive.build();
    }

    private static com.google.protobuf.UInt32Value seconds(Duration duration) {
        return ProtoValues.uint32((int) Math.min(Integer.MAX_VALUE, duration.toSeconds()));
    }

    private static void chooseProtocol(UpstreamHttp http, Http settings) {
        if (settings.useClientProtocol()) {
            http.speakAsTheClient();
        } else if (settings.h2UpgradePolicy() == H2UpgradePolicy.UPGRADE) {
            http.speakHttp2();
        }
    }

    /** The idle time of TCP counts where HTTP has none of its own. */
    private static void setLifetimes(UpstreamHttp http, Optional<Tcp> tcp, Optional<Http> settings) {
        settings.flatMap(Http::idleTimeout)
                .or(() -> tcp.flatMap(Tcp::idleTimeout))
                .ifPresent(idle -> http.common(common -> common.setIdleTimeout(ProtoValues.duration(idle))));
        positive(settings.map(Http::maxRequestsPerConnection).orElse(OptionalInt.empty()))
                .ifPresent(requests ->
                        http.common(common -> common.setMaxRequestsPerConnection(ProtoValues.uint32(requests))));
        tcp.flatMap(Tcp::maxConnectionDuration)
                .ifPresent(duration ->
                        http.common(common -> common.setMaxConnectionDuration(ProtoValues.duration(duration))));
    }

    private static void setHttp2(UpstreamHttp http, Http settings) {
        positive(settings.maxConcurrentStreams())
                .ifPresent(
                        streams -> http.http2(options -> options.setMaxConcurrentStreams(ProtoValues.uint32(streams))));
        settings.http2KeepAlive()
                .ifPresent(keepalive -> http.http2(options -> options.setConnectionKeepalive(pings(keepalive))));
    }

    private static KeepaliveSettings pings(Http2Keepalive asked) {
        KeepaliveSettings.Builder pings = KeepaliveSettings.newBuilder()
                .setTimeout(ProtoValues.duration(asked.timeout().orElse(DEFAULT_PING_TIMEOUT)));
        asked.interval().ifPresent(interval -> pings.setInterval(ProtoValues.duration(interval)));
        return pings.build();
    }
}
