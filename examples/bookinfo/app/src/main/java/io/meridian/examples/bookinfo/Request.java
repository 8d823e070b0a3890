package io.meridian.examples.bookinfo;

import com.sun.net.httpserver.Headers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A request, read completely.
 *
 * @param path without the query
 * @param body at most {@link HttpService#MAX_BODY_BYTES}
 */
record Request(String method, String path, Headers headers, String body) {
    private static final String PAIR_SEPARATORS = "[;&]";

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.getFirst(name));
    }

    Optional<String> cookie(String name) {
        return header("Cookie").map(text -> pairs(text).get(name));
    }

    /** The fields of a posted form. */
    Map<String, String> form() {
        return pairs(body);
    }

    private static Map<String, String> pairs(String text) {
        Map<String, String> pairs = new TreeMap<>();
        for (String pair : text.split(PAIR_SEPARATORS, -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                pairs.put(pair.substring(0, equals).trim(), decode(pair.substring(equals + 1)));
            }
        }
        return pairs;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.trim(), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // A stray '%': what was sent is then taken as it is.
            return text;
        }
    }
}
