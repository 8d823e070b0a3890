package io.meridian.chaos.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/** What is written and read: a key is a ServiceEntry, its value a number in the entry's host. */
public final class Register {
    public static final String KIND = "ServiceEntry";
    public static final String NAMESPACE = "chaos";
    /** Of the entries; the name of the routes that proxies get of them. */
    static final int PORT = 80;

    private static final String SUFFIX = ".example";
    private static final ObjectMapper JSON = new ObjectMapper();

    private Register() {}

    static byte[] manifest(String key, long value) {
        return """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata:
              name: %s
              namespace: %s
            spec:
              hosts: ["%s"]
              location: MESH_EXTERNAL
              resolution: NONE
              ports:
              - {number: %d, name: http, protocol: HTTP}
            """.formatted(key, NAMESPACE, host(key, value), PORT).getBytes(StandardCharsets.UTF_8);
    }

    private static String host(String key, long value) {
        return "v" + value + "." + key + SUFFIX;
    }

    /** A key that has a value. */
    record Set(String key, long value) {}

    /** What an entry with that host sets; empty if it is no entry's host. */
    static Optional<Set> set(String host) {
        OptionalLong value = value(host);
        return value.isPresent() && host.endsWith(SUFFIX)
                ? Optional.of(new Set(
                        host.substring(host.indexOf('.') + 1, host.length() - SUFFIX.length()), value.getAsLong()))
                : Optional.empty();
    }

    /** Of a spec as the API shows it; empty if it is none that {@link #manifest} wrote. */
    static OptionalLong value(Struct spec) {
        var hosts = spec.getFieldsOrThrow("hosts").getListValue();
        return hosts.getValuesCount() == 1 ? value(hosts.getValues(0).getStringValue()) : OptionalLong.empty();
    }

    /** Of a spec as the log stores it. */
    public static OptionalLong value(ByteString canonicalJson) {
        try {
            JsonNode hosts = JSON.readTree(canonicalJson.toByteArray()).path("hosts");
            return hosts.size() == 1 ? value(hosts.path(0).asText()) : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong value(String host) {
        int dot = host.indexOf('.');
        return dot > 1 && host.startsWith("v")
                ? OptionalLong.of(Long.parseLong(host.substring(1, dot)))
                : OptionalLong.empty();
    }
}
