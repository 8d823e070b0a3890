package io.meridian.model.istio;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Application protocols of ports, by Istio's names. */
public enum Protocol {
    /** Not said: sniffed. */
    AUTO(""),
    HTTP("HTTP"),
    HTTP_PROXY("HTTP_PROXY"),
    HTTP2("HTTP2"),
    HTTPS("HTTPS"),
    GRPC("GRPC"),
    GRPC_WEB("GRPC-WEB"),
    HBONE("HBONE"),
    TCP("TCP"),
    TLS("TLS"),
    UDP("UDP"),
    MONGO("Mongo"),
    REDIS("Redis"),
    MYSQL("MySQL");

    private final String text;

    Protocol(String text) {
        this.text = text;
    }

    /** Istio's spelling. */
    public String text() {
        return text;
    }

    /** Ignores case; the empty text is {@link #AUTO}; empty for an unknown name. */
    public static Optional<Protocol> parse(String text) {
        String wanted = text.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(protocol -> protocol.text.toLowerCase(Locale.ROOT).equals(wanted))
                .findFirst();
    }

    /** For messages: "HTTP, HTTP2, ...". */
    public static String allowed() {
        return Arrays.stream(values())
                .filter(protocol -> protocol != AUTO)
                .map(Protocol::text)
                .collect(Collectors.joining(", "));
    }

    /** Whether requests can be routed; plain, not within TLS. */
    public boolean isHttp() {
        return switch (this) {
            case HTTP, HTTP2, HTTP_PROXY, GRPC, GRPC_WEB -> true;
            case AUTO, HTTPS, HBONE, TCP, TLS, UDP, MONGO, REDIS, MYSQL -> false;
        };
    }

    public boolean isHttp2() {
        return this == HTTP2 || this == GRPC || this == GRPC_WEB;
    }

    public boolean isTls() {
        return this == HTTPS || this == TLS;
    }
}
