package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.meridian.model.istio.HeaderOperations;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Changes of headers in Envoy's form. The authority is no header to Envoy: what is set for it becomes a rewrite of the host.
 *
 * @param authority what the request's authority is to be
 */
record HeaderEdits(
        List<HeaderValueOption> requestAdd,
        List<String> requestRemove,
        List<HeaderValueOption> responseAdd,
        List<String> responseRemove,
        Optional<String> authority) {

    static HeaderEdits of(HeaderOperations.Both headers) {
        return new HeaderEdits(
                added(headers.request()),
                removed(headers.request()),
                added(headers.response()),
                removed(headers.response()),
                authority(headers.request().set())
                        .or(() -> authority(headers.request().add())));
    }

    private static List<HeaderValueOption> added(HeaderOperations operations) {
        List<HeaderValueOption> added = new ArrayList<>();
        operations
                .set()
                .forEach((name, value) -> add(added, name, value, HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD));
        operations.add().forEach((name, value) -> add(added, name, value, HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD));
        return added;
    }

    private static void add(List<HeaderValueOption> added, String name, String value, HeaderAppendAction action) {
        if (!isInternal(name)) {
            added.add(HeaderValueOption.newBuilder()
                    .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                    .setAppendAction(action)
                    .build());
        }
    }

    private static List<String> removed(HeaderOperations operations) {
        return operations.remove().stream().filter(name -> !isInternal(name)).toList();
    }

    /** Envoy refuses configuration that changes these. */
    private static boolean isInternal(String name) {
        return name.startsWith(":") || name.equalsIgnoreCase("host");
    }

    private static Optional<String> authority(Map<String, String> headers) {
        return headers.entrySet().stream()
                .filter(header -> isAuthority(header.getKey()))
                .map(Map.Entry::getValue)
                .filter(value -> !value.isEmpty())
                .findFirst();
    }

    private static boolean isAuthority(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.equals(":authority") || lower.equals("host");
    }
}
