package io.meridian.model.istio;

import io.meridian.model.istio.ConnectionPoolSettings.H2UpgradePolicy;
import io.meridian.model.istio.ConnectionPoolSettings.Http;
import io.meridian.model.istio.ConnectionPoolSettings.Http2Keepalive;
import io.meridian.model.istio.ConnectionPoolSettings.Keepalive;
import io.meridian.model.istio.ConnectionPoolSettings.Tcp;
import java.time.Duration;

/** {@code connectionPool}. */
final class ConnectionPoolParser {
    private static final int MAX = Integer.MAX_VALUE;

    private ConnectionPoolParser() {}

    static ConnectionPoolSettings parse(FieldReader in) {
        if (!in.has("tcp") && !in.has("http")) {
            in.error("", "must have tcp or http");
        }
        return new ConnectionPoolSettings(
                in.object("tcp", ConnectionPoolParser::tcp), in.object("http", ConnectionPoolParser::http));
    }

    private static Tcp tcp(FieldReader in) {
        return new Tcp(
                in.integer("maxConnections", 0, MAX),
                in.duration("connectTimeout"),
                in.object("tcpKeepalive", ConnectionPoolParser::keepalive),
                in.duration("maxConnectionDuration"),
                in.duration("idleTimeout", Duration.ZERO));
    }

    private static Keepalive keepalive(FieldReader in) {
        return new Keepalive(in.integer("probes", 0, MAX), in.duration("time"), in.duration("interval"));
    }

    private static Http http(FieldReader in) {
        Http http = new Http(
                in.integer("http1MaxPendingRequests", 0, MAX),
                in.integer("http2MaxRequests", 0, MAX),
                in.integer("maxRequestsPerConnection", 0, MAX),
                in.integer("maxRetries", 0, MAX),
                in.duration("idleTimeout"),
                in.enumeration("h2UpgradePolicy", H2UpgradePolicy.class).orElse(H2UpgradePolicy.DEFAULT),
                in.flag("useClientProtocol"),
                in.integer("maxConcurrentStreams", 0, MAX),
                in.object("http2KeepAlive", ConnectionPoolParser::http2Keepalive));
        if (http.useClientProtocol() && http.h2UpgradePolicy() == H2UpgradePolicy.UPGRADE) {
            in.error("useClientProtocol", "must not be true where h2UpgradePolicy is UPGRADE");
        }
        return http;
    }

    private static Http2Keepalive http2Keepalive(FieldReader in) {
        return new Http2Keepalive(in.duration("interval"), in.duration("timeout"));
    }
}
