package io.meridian.model.istio;

import io.meridian.model.envoy.CommandOperators;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code headers}, of a route or of a destination. */
final class HttpHeadersParser {
    private HttpHeadersParser() {}

    static HeaderOperations.Both parse(FieldReader in, String field) {
        return in.object(
                        field,
                        headers -> new HeaderOperations.Both(
                                headers.object("request", operations -> operations(operations, true))
                                        .orElse(HeaderOperations.NONE),
                                headers.object("response", operations -> operations(operations, false))
                                        .orElse(HeaderOperations.NONE)))
                .orElse(HeaderOperations.Both.NONE);
    }

    private static HeaderOperations operations(FieldReader in, boolean request) {
        HeaderOperations operations =
                new HeaderOperations(in.stringMap("set"), in.stringMap("add"), in.strings("remove"));
        checkWritten(in, "set", operations.set(), request);
        checkWritten(in, "add", operations.add(), request);
        List<String> removed = operations.remove();
        for (int i = 0; i < removed.size(); i++) {
            checkName(in, "remove[" + i + "]", removed.get(i), false);
        }
        return operations;
    }

    private static void checkWritten(FieldReader in, String field, Map<String, String> headers, boolean request) {
        headers.forEach((name, value) -> {
            String path = field + "[" + name + "]";
            checkName(in, path, name, request);
            in.check(
                    path,
                    Syntax.headerText(value)
                            .or(() -> CommandOperators.problem(value))
                            .map(problem -> "the value " + problem));
        });
    }

    /** Only a request's authority may be set among the pseudo headers. */
    private static void checkName(FieldReader in, String path, String name, boolean authorityAllowed) {
        if (name.isEmpty()) {
            in.error(path, "a header name must not be empty");
        } else if (isAuthority(name)) {
            if (!authorityAllowed) {
                in.error(path, "\"" + name + "\" can only be set or added on requests");
            }
        } else if (name.startsWith(":")) {
            in.error(path, "pseudo headers such as \"" + name + "\" cannot be changed");
        } else {
            in.check(path, Syntax.headerName(name));
        }
    }

    static boolean isAuthority(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.equals(":authority") || lower.equals("host");
    }
}
