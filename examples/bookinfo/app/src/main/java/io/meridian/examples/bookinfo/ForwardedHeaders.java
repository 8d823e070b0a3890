package io.meridian.examples.bookinfo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a service passes on from the request that it answers to those that it makes: without it a trace falls apart, and rules on the user or
 * the browser would only work at the edge. The list is that of Istio's documentation on trace context propagation, with Bookinfo's own.
 */
final class ForwardedHeaders {
    static final String END_USER = "end-user";

    private static final List<String> NAMES = List.of(
            "x-request-id",
            "traceparent",
            "tracestate",
            "b3",
            "x-b3-traceid",
            "x-b3-spanid",
            "x-b3-parentspanid",
            "x-b3-sampled",
            "x-b3-flags",
            "x-ot-span-context",
            "x-datadog-trace-id",
            "x-datadog-parent-id",
            "x-datadog-sampling-priority",
            "x-cloud-trace-context",
            "grpc-trace-bin",
            "sw8",
            "authorization",
            "cookie",
            "user-agent",
            END_USER);

    private ForwardedHeaders() {}

    /** By lower-case name; only those that the request has. */
    static Map<String, String> of(Request request) {
        Map<String, String> forwarded = new LinkedHashMap<>();
        for (String name : NAMES) {
            request.header(name).ifPresent(value -> forwarded.put(name, value));
        }
        return forwarded;
    }
}
