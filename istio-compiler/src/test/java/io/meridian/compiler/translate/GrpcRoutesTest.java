package io.meridian.compiler.translate;

import static io.meridian.compiler.translate.Specs.unpack;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said otherwise to gRPC clients than to Envoy. That they take it is shown by the gateway's test with a real one. */
class GrpcRoutesTest {
    private static final String HOST = "reviews.default.svc.cluster.local";
    private static final String TO_REVIEWS = "route: [{destination: {host: reviews}}]";

    private static List<Route> routes(String yaml) {
        return GrpcRoutes.of(Specs.routes(yaml), HOST, 9080);
    }

    private static List<RouteMatch> matches(String condition) {
        return routes("- match: [{" + condition + "}]\n  " + TO_REVIEWS + "\n").stream()
                .map(Route::getMatch)
                .toList();
    }

    private static Route only(String yaml) {
        List<Route> routes = routes(yaml);
        assertThat(routes).hasSize(1);
        return routes.getFirst();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "method: {exact: POST}; 1",
                "method: {exact: GET}; 0",
                "method: {regex: 'GET|POST'}; 1",
                "scheme: {exact: http}; 1",
                "scheme: {prefix: https}; 0",
                "authority: {exact: reviews.default.svc.cluster.local}; 1",
                "authority: {exact: 'reviews.default.svc.cluster.local:9080'}; 1",
                "authority: {prefix: reviews.}; 1",
                "authority: {exact: ratings}; 0",
                "authority: {regex: '.*'}; 1",
                "authority: {regex: '(a+)+b'}; 0",
                "queryParams: {q: {exact: x}}; 0",
            })
    void whatAClientCannotSeeIsSettledBeforehand(String condition, int routes) {
        assertThat(matches(condition))
                .hasSize(routes)
                .allSatisfy(match -> assertThat(match.getHeadersCount()).isZero());
    }

    @Test
    void aConditionThatEveryCallMeetsEndsTheRoutes() {
        assertThat(routes("- match: [{method: {exact: POST}}]\n  " + TO_REVIEWS + "\n- " + TO_REVIEWS + "\n"))
                .hasSize(1);
    }

    @Test
    void aHeaderThatMustNotHaveAValueMayBeMissing() {
        StringMatcher exact = StringMatcher.newBuilder().setExact("b").build();

        assertThat(matches("withoutHeaders: {x-a: {exact: b}}"))
                .extracting(match -> match.getHeaders(0))
                .containsExactly(
                        HeaderMatcher.newBuilder()
                                .setName("x-a")
                                .setPresentMatch(true)
                                .setInvertMatch(true)
                                .build(),
                        HeaderMatcher.newBuilder()
                                .setName("x-a")
                                .setStringMatch(exact)
                                .setInvertMatch(true)
                                .build());
    }

    @Test
    void aHeaderThatMustNotBeEmptyMayNotBeMissing() {
        assertThat(matches("withoutHeaders: {x-a: {regex: 'b*'}}"))
                .hasSize(1)
                .allSatisfy(match ->
                        assertThat(match.getHeaders(0).hasStringMatch()).isTrue());
    }

    @Test
    void manyHeadersThatMustNotHaveAValueDoNotMultiplyWithoutLimit() {
        assertThat(matches(
                        "withoutHeaders: {a: {exact: x}, b: {exact: x}, c: {exact: x}, d: {exact: x}, e: {exact: x}}"))
                .hasSize(8)
                .allSatisfy(match -> assertThat(match.getHeadersList().getLast().getPresentMatch())
                        .isTrue());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "directResponse: {status: 403}; 403",
                "directResponse: {status: 503, body: {string: no}}; 503",
                "redirect: {uri: /}; 301",
                "redirect: {uri: /, redirectCode: 302}; 302",
                "redirect: {uri: /, redirectCode: 308}; 308",
            })
    void whatIsNotForwardedIsAbortedWithTheSameStatus(String action, int status) {
        Route route = only("- " + action + "\n");

        HTTPFault fault = unpack(route.getTypedPerFilterConfigOrThrow(HttpFilters.FAULT), HTTPFault.class);
        assertThat(fault.getAbort().getHttpStatus()).isEqualTo(status);
        assertThat(fault.getAbort().getPercentage()).isEqualTo(ProtoValues.fraction(100));
        assertThat(route.getRoute().getCluster()).isEqualTo("outbound|9080||" + HOST);
    }

    @Test
    void filtersThatClientsLackAreNotConfigured() {
        Route route = only("""
                - corsPolicy: {allowOrigins: [{exact: "https://example.com"}]}
                  fault: {abort: {percentage: {value: 50}, grpcStatus: UNAVAILABLE}}
                  route: [{destination: {host: reviews}}]
                """);

        assertThat(route.getTypedPerFilterConfigMap()).containsOnlyKeys(HttpFilters.FAULT);
        HTTPFault fault = unpack(route.getTypedPerFilterConfigOrThrow(HttpFilters.FAULT), HTTPFault.class);
        assertThat(fault.getAbort().getGrpcStatus()).isEqualTo(14);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"timeout: 5s; 5", "name: none; 0"})
    void theTimeLimitIsTheOneThatClientsRead(String field, long seconds) {
        RouteAction action = only("- " + field + "\n  " + TO_REVIEWS + "\n").getRoute();

        assertThat(action.getMaxStreamDuration().getMaxStreamDuration())
                .isEqualTo(Duration.newBuilder().setSeconds(seconds).build());
        assertThat(action.hasTimeout()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "useSourceIp: true; FILTER_STATE",
                "httpHeaderName: x-user; HEADER",
                "httpCookie: {name: user, ttl: 0s}; COOKIE",
            })
    void aChannelStandsForTheAddressOfItsClient(String key, RouteAction.HashPolicy.PolicySpecifierCase expected) {
        var rule = Specs.destinationRule(
                "host: reviews\ntrafficPolicy: {loadBalancer: {consistentHash: {" + key + "}}}\n");
        List<Route> routes =
                GrpcRoutes.of(Specs.routes(Specs.SIDECAR, "- " + TO_REVIEWS + "\n", Optional.of(rule)), HOST, 9080);

        RouteAction.HashPolicy policy = routes.getFirst().getRoute().getHashPolicy(0);
        assertThat(policy.getPolicySpecifierCase()).isEqualTo(expected);
        if (policy.hasFilterState()) {
            assertThat(policy.getFilterState().getKey()).isEqualTo("io.grpc.channel_id");
        }
    }
}
