package io.meridian.model.istio;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One entry of {@code match}. */
final class HttpMatchParser {
    private static final String JWT_CLAIM = "@request.auth.claims";

    /** Envoy's. */
    private static final int MAX_PARAMETER_BYTES = 1024;

    private HttpMatchParser() {}

    static HttpMatch parse(FieldReader in) {
        HttpMatch match = new HttpMatch(
                in.string("name"),
                condition(in, "uri"),
                in.flag("ignoreUriCase"),
                condition(in, "scheme"),
                condition(in, "method"),
                condition(in, "authority"),
                headers(in, "headers"),
                headers(in, "withoutHeaders"),
                queryParams(in),
                in.port("port"),
                FieldChecks.labels(in, "sourceLabels"),
                VirtualServiceParser.sourceNamespace(in),
                in.strings("gateways"),
                in.string("statPrefix"));
        FieldChecks.gatewayNames(in, match.gateways());
        return match;
    }

    private static Optional<StringMatch> condition(FieldReader in, String field) {
        return in.object(field, condition -> {
                    StringMatch match = FieldChecks.stringMatch(condition);
                    if (match instanceof StringMatch.Present) {
                        condition.error("", "must have one of exact, prefix and regex");
                    }
                    return match;
                })
                .filter(match -> !(match instanceof StringMatch.Present));
    }

    private static Map<String, StringMatch> queryParams(FieldReader in) {
        Map<String, StringMatch> params = in.objectMap("queryParams", FieldChecks::stringMatch);
        for (String name : params.keySet()) {
            int bytes = name.getBytes(StandardCharsets.UTF_8).length;
            if (bytes == 0 || bytes > MAX_PARAMETER_BYTES) {
                in.error(
                        "queryParams[" + FieldReader.abbreviate(name) + "]",
                        "the name must have 1 to " + MAX_PARAMETER_BYTES + " bytes, but has " + bytes);
            }
        }
        return params;
    }

    /** By lower-case name: HTTP does not tell the cases apart and Envoy has them in lower case. */
    private static Map<String, StringMatch> headers(FieldReader in, String field) {
        Map<String, StringMatch> result = new LinkedHashMap<>();
        in.objectMap(field, FieldChecks::stringMatch).forEach((name, match) -> {
            if (name.startsWith(JWT_CLAIM)) {
                in.error(field + "[" + name + "]", "matches on JWT claims are not supported by this version");
            } else {
                in.check(field + "[" + name + "]", Syntax.headerName(name));
            }
            result.put(name.toLowerCase(Locale.ROOT), match);
        });
        return result;
    }

    /** The first regex among the conditions that a delegate must not have, by field. */
    static Optional<String> regexField(HttpMatch match) {
        return regexField("uri", match.uri())
                .or(() -> regexField("scheme", match.scheme()))
                .or(() -> regexField("method", match.method()))
                .or(() -> regexField("authority", match.authority()))
                .or(() -> regexField("headers", match.headers()))
                .or(() -> regexField("withoutHeaders", match.withoutHeaders()))
                .or(() -> regexField("queryParams", match.queryParams()));
    }

    private static Optional<String> regexField(String field, Optional<StringMatch> match) {
        return match.filter(StringMatch.Regex.class::isInstance).map(regex -> field);
    }

    private static Optional<String> regexField(String field, Map<String, StringMatch> matches) {
        return matches.entrySet().stream()
                .filter(entry -> entry.getValue() instanceof StringMatch.Regex)
                .map(entry -> field + "[" + entry.getKey() + "]")
                .findFirst();
    }
}
