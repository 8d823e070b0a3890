package io.meridian.examples.bookinfo;

import java.util.Map;

/** An answer, complete before it is sent. */
record Response(int status, String contentType, String body, Map<String, String> headers) {
    private static final String JSON = "application/json";

    static Response json(int status, Object value) {
        return new Response(status, JSON, Json.write(value), Map.of());
    }

    static Response html(String body) {
        return new Response(200, "text/html; charset=utf-8", body, Map.of());
    }

    static Response css(String body) {
        return new Response(200, "text/css; charset=utf-8", body, Map.of());
    }

    static Response text(int status, String body) {
        return new Response(status, "text/plain; charset=utf-8", body, Map.of());
    }

    static Response error(int status, String message) {
        return json(status, Map.of("error", message));
    }

    /** See other, with {@code cookie} set. */
    static Response redirect(String location, String cookie) {
        return new Response(302, "text/plain; charset=utf-8", "", Map.of("Location", location, "Set-Cookie", cookie));
    }
}
