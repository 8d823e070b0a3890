package io.meridian.model.istio;

import com.google.protobuf.ByteString;
import io.meridian.model.istio.HttpFault.AbortStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** The parts of an HTTP route beside its matches and destinations. */
final class HttpPolicyParser {
    private static final int MAX_BODY_BYTES = 1 << 20;
    private static final int LARGE_BODY_BYTES = 100 << 10;
    private static final Pattern STATUS_CODE = Pattern.compile("[1-5]\\d\\d");

    /** Envoy's x-envoy-retry-on and x-envoy-retry-grpc-on. */
    private static final Set<String> RETRY_ON = Set.of(
            "5xx",
            "gateway-error",
            "reset",
            "reset-before-request",
            "connect-failure",
            "retriable-4xx",
            "refused-stream",
            "retriable-status-codes",
            "retriable-headers",
            "envoy-ratelimited",
            "http3-post-connect-failure",
            "cancelled",
            "deadline-exceeded",
            "internal",
            "resource-exhausted",
            "unavailable");

    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE");

    /** github.com/grpc/grpc/blob/master/doc/statuscodes.md */
    private static final Set<String> GRPC_STATUSES = Set.of(
            "OK",
            "CANCELLED",
            "UNKNOWN",
            "INVALID_ARGUMENT",
            "DEADLINE_EXCEEDED",
            "NOT_FOUND",
            "ALREADY_EXISTS",
            "PERMISSION_DENIED",
            "RESOURCE_EXHAUSTED",
            "FAILED_PRECONDITION",
            "ABORTED",
            "OUT_OF_RANGE",
            "UNIMPLEMENTED",
            "INTERNAL",
            "UNAVAILABLE",
            "DATA_LOSS",
            "UNAUTHENTICATED");

    private HttpPolicyParser() {}

    static HttpRewrite rewrite(FieldReader in) {
        in.atMostOne("uri", "uriRegexRewrite");
        HttpRewrite rewrite = new HttpRewrite(
                in.string("uri"), in.string("authority"), in.object("uriRegexRewrite", HttpPolicyParser::uriRegex));
        if (rewrite.uri().isEmpty()
                && rewrite.authority().isEmpty()
                && rewrite.uriRegex().isEmpty()) {
            in.error("", "must say at least one of uri, uriRegexRewrite and authority");
        }
        rewrite.uri().ifPresent(uri -> in.check("uri", Syntax.headerText(uri)));
        rewrite.authority().ifPresent(authority -> in.check("authority", Syntax.headerText(authority)));
        return rewrite;
    }

    private static HttpRewrite.UriRegex uriRegex(FieldReader in) {
        String match = in.requiredString("match");
        if (!match.isEmpty()) {
            in.check("match", Re2.problem(match));
        }
        String rewrite = in.requiredString("rewrite");
        in.check("rewrite", Syntax.headerText(rewrite));
        return new HttpRewrite.UriRegex(match, rewrite);
    }

    static HttpRetry retry(FieldReader in) {
        HttpRetry retry = new HttpRetry(
                in.integer("attempts", 0, Integer.MAX_VALUE).orElse(0),
                in.duration("perTryTimeout"),
                in.string("retryOn"),
                in.bool("retryRemoteLocalities"),
                in.bool("retryIgnorePreviousHosts"),
                in.duration("backoff"));
        boolean configured = retry.perTryTimeout().isPresent()
                || retry.retryOn().isPresent()
                || retry.retryRemoteLocalities().isPresent();
        if (retry.attempts() == 0 && configured && !in.has("attempts")) {
            in.error("attempts", "is required where retries are configured; without it there are none");
        } else if (retry.attempts() == 0 && configured) {
            in.error("attempts", "is 0, so that there are no retries, but retries are configured beside it");
        }
        retry.retryOn().ifPresent(policies -> checkRetryOn(in, policies));
        return retry;
    }

    private static void checkRetryOn(FieldReader in, String policies) {
        for (String policy : policies.split(",", -1)) {
            if (!RETRY_ON.contains(policy) && !STATUS_CODE.matcher(policy).matches()) {
                in.error(
                        "retryOn",
                        "\"" + policy + "\" is none of Envoy's retry conditions ("
                                + String.join(", ", RETRY_ON.stream().sorted().toList()) + ") nor an HTTP status");
            }
        }
    }

    static HttpFault fault(FieldReader in) {
        Optional<HttpFault.Delay> delay =
                in.object("delay", HttpPolicyParser::delay).flatMap(found -> found);
        Optional<HttpFault.Abort> abort =
                in.object("abort", HttpPolicyParser::abort).flatMap(found -> found);
        if (!in.has("delay") && !in.has("abort")) {
            in.error("", "must have a delay or an abort");
        }
        return new HttpFault(delay, abort);
    }

    private static Optional<HttpFault.Delay> delay(FieldReader in) {
        OptionalDouble percentage = percentage(in, "percentage");
        OptionalInt percent = in.integer("percent", 0, 100);
        if (percent.isPresent()) {
            in.warning("percent", "is deprecated: use percentage");
        }
        in.duration("exponentialDelay");
        if (in.has("exponentialDelay")) {
            in.error("exponentialDelay", "is not supported (neither is it by Istio): use fixedDelay");
        }
        Optional<Duration> fixed = in.duration("fixedDelay");
        if (!in.has("fixedDelay") && !in.has("exponentialDelay")) {
            in.error("fixedDelay", "is required");
        }
        double share = percentage.orElse(percent.orElse(0));
        warnOfNoShare(in, percentage.isPresent() || percent.isPresent());
        return fixed.map(duration -> new HttpFault.Delay(share, duration));
    }

    private static Optional<HttpFault.Abort> abort(FieldReader in) {
        in.atMostOne("httpStatus", "grpcStatus", "http2Error");
        OptionalDouble percentage = percentage(in, "percentage");
        warnOfNoShare(in, percentage.isPresent());
        OptionalInt http = in.integer("httpStatus", 200, 599);
        Optional<String> grpc = in.string("grpcStatus");
        if (in.string("http2Error").isPresent()) {
            in.error("http2Error", "is not supported (neither is it by Istio): use httpStatus or grpcStatus");
        } else if (!in.has("httpStatus") && grpc.isEmpty()) {
            in.warning("", "has neither httpStatus nor grpcStatus: nothing is aborted");
        }
        grpc.filter(code -> !GRPC_STATUSES.contains(code))
                .ifPresent(code -> in.error(
                        "grpcStatus",
                        "\"" + code + "\" is none of gRPC's codes: "
                                + String.join(
                                        ", ", GRPC_STATUSES.stream().sorted().toList())));
        Optional<AbortStatus> status =
                http.isPresent() ? Optional.of(new AbortStatus.Http(http.getAsInt())) : grpc.map(AbortStatus.Grpc::new);
        return status.map(answer -> new HttpFault.Abort(percentage.orElse(0), answer));
    }

    private static void warnOfNoShare(FieldReader in, boolean given) {
        if (!given) {
            in.warning("percentage", "is not given: no request is affected");
        }
    }

    /** {@code {value: 0..100}}. */
    static OptionalDouble percentage(FieldReader in, String field) {
        return in.object(
                        field,
                        percent -> OptionalDouble.of(
                                percent.number("value", 0, 100).orElse(0)))
                .orElse(OptionalDouble.empty());
    }

    static HttpAction.DirectResponse directResponse(FieldReader in) {
        in.require("status");
        int status = in.integer("status", 200, 599).orElse(200);
        return new HttpAction.DirectResponse(status, in.object("body", HttpPolicyParser::body));
    }

    private static ByteString body(FieldReader in) {
        in.atMostOne("string", "bytes");
        Optional<ByteString> text = in.rawString("string").map(ByteString::copyFromUtf8);
        ByteString body = text.or(() -> in.rawString("bytes").map(bytes -> decode(in, bytes)))
                .orElse(ByteString.EMPTY);
        in.rawString("bytes");
        if (body.size() > MAX_BODY_BYTES) {
            in.error("", "is " + body.size() + " bytes long, at most 1 MiB is allowed");
        } else if (body.size() > LARGE_BODY_BYTES) {
            in.warning("", "is " + body.size() + " bytes long and goes to every proxy: serve it from a service");
        }
        return body;
    }

    private static ByteString decode(FieldReader in, String base64) {
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            in.error("bytes", "must be base64: " + e.getMessage());
            return ByteString.EMPTY;
        }
    }

    static CorsPolicy cors(FieldReader in) {
        List<StringMatch> origins = new ArrayList<>(in.objects("allowOrigins", HttpPolicyParser::origin));
        in.strings("allowOrigin").forEach(origin -> origins.add(new StringMatch.Exact(origin)));
        if (in.has("allowOrigin")) {
            in.warning("allowOrigin", "is deprecated: use allowOrigins");
        }
        CorsPolicy cors = new CorsPolicy(
                origins,
                in.strings("allowMethods"),
                in.strings("allowHeaders"),
                in.strings("exposeHeaders"),
                in.duration("maxAge"),
                in.bool("allowCredentials"),
                in.enumeration("unmatchedPreflights", CorsPolicy.UnmatchedPreflights.class)
                        .orElse(CorsPolicy.UnmatchedPreflights.UNSPECIFIED));
        FieldChecks.each(in, "allowMethods", cors.allowMethods(), HttpPolicyParser::method);
        FieldChecks.each(in, "allowHeaders", cors.allowHeaders(), HttpPolicyParser::corsHeader);
        FieldChecks.each(in, "exposeHeaders", cors.exposeHeaders(), HttpPolicyParser::corsHeader);
        cors.maxAge()
                .filter(age -> age.toNanosPart() != 0)
                .ifPresent(age -> in.error("maxAge", "must be whole seconds"));
        return cors;
    }

    private static StringMatch origin(FieldReader in) {
        StringMatch origin = FieldChecks.stringMatch(in);
        if (origin instanceof StringMatch.Present || origin.equals(new StringMatch.Exact(""))) {
            in.error("", "must have one of exact, prefix and regex, and not be empty");
        }
        return origin;
    }

    private static Optional<String> method(String method) {
        return METHODS.contains(method)
                ? Optional.empty()
                : Optional.of("\"" + method + "\" is none of the HTTP methods "
                        + String.join(", ", METHODS.stream().sorted().toList()));
    }

    private static Optional<String> corsHeader(String name) {
        return name.equals("*") ? Optional.empty() : Syntax.headerName(name);
    }
}
