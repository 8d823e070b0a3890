package io.meridian.compiler.simulation;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A request as a proxy gets it.
 *
 * @param path with the query, as on the wire
 * @param headers by lower-case name, without pseudo headers
 */
public record SimulatedRequest(
        String method, String scheme, String authority, String path, Map<String, String> headers) {
    public SimulatedRequest {
        headers = Map.copyOf(headers);
    }

    /** {@code url}: "http://reviews:9080/path?q=1". */
    public static SimulatedRequest get(String url) {
        URI uri = URI.create(url);
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return new SimulatedRequest(
                "GET",
                uri.getScheme(),
                uri.getRawAuthority(),
                uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery(),
                Map.of());
    }

    public SimulatedRequest withMethod(String other) {
        return new SimulatedRequest(other, scheme, authority, path, headers);
    }

    public SimulatedRequest withHeader(String name, String value) {
        Map<String, String> all = new TreeMap<>(headers);
        all.put(name.toLowerCase(Locale.ROOT), value);
        return new SimulatedRequest(method, scheme, authority, path, all);
    }

    String pathWithoutQuery() {
        int end = path.indexOf('?');
        return end < 0 ? path : path.substring(0, end);
    }

    /** With its question mark; empty if there is none. */
    String query() {
        return path.substring(pathWithoutQuery().length());
    }

    /** The first value of each; parameters without "=" have an empty one. */
    Map<String, String> queryParameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (query().length() > 1) {
            for (String pair : query().substring(1).split("&", -1)) {
                int equals = pair.indexOf('=');
                parameters.putIfAbsent(
                        equals < 0 ? pair : pair.substring(0, equals), equals < 0 ? "" : pair.substring(equals + 1));
            }
        }
        return parameters;
    }

    /** Empty if it does not have it; pseudo headers included. */
    Optional<String> header(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case ":method" -> Optional.of(method);
            case ":scheme" -> Optional.of(scheme);
            case ":authority", "host" -> Optional.of(authority);
            case ":path" -> Optional.of(path);
            default -> Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
        };
    }
}
