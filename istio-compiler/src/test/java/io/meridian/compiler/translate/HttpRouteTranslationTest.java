package io.meridian.compiler.translate;

import static io.meridian.compiler.translate.Specs.SIDECAR;
import static io.meridian.compiler.translate.Specs.routeWith;
import static io.meridian.compiler.translate.Specs.routes;
import static io.meridian.compiler.translate.Specs.unpack;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction.RedirectResponseCode;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy;
import io.envoyproxy.envoy.extensions.filters.http.fault.v3.HTTPFault;
import io.envoyproxy.envoy.type.v3.FractionalPercent.DenominatorType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Routes of a VirtualService, field by field. What Envoy does with them is told by the simulation's tests. */
class HttpRouteTranslationTest {
    private static final HttpRouteContext EDGE =
            new HttpRouteContext(Specs.REVIEWS, Set.of("default/bookinfo"), 443, Map.of(), "istio-system", true);

    /** The only route of one match. */
    private static RouteMatch match(String yaml) {
        return routes("- match: [" + yaml + "]\n  route: [{destination: {host: reviews}}]\n")
                .getFirst()
                .getMatch();
    }

    @Test
    void aRouteWithoutConditionsIsWhatIstiodWrites() {
        Route route = routeWith("");

        assertThat(route.getName()).isEmpty();
        assertThat(route.getMatch())
                .isEqualTo(RouteMatch.newBuilder().setPrefix("/").build());
        assertThat(route.getRoute().getCluster()).isEqualTo("outbound|9080||reviews.default.svc.cluster.local");
        assertThat(route.getRoute().hasTimeout()).isTrue();
        assertThat(route.getRoute().getTimeout()).isEqualTo(Duration.getDefaultInstance());
        assertThat(route.getRoute().getRetryPolicy()).isEqualTo(HttpRouteTranslation.defaultRetries());
        assertThat(route.getDecorator().getOperation()).isEqualTo("reviews.default.svc.cluster.local:9080/*");
        assertThat(route.getMetadata()
                        .getFilterMetadataOrThrow("istio")
                        .getFieldsOrThrow("config")
                        .getStringValue())
                .isEqualTo("/apis/networking.istio.io/v1/namespaces/default/virtual-service/reviews");
    }

    @Test
    void defaultRetriesAreThoseOfACurrentIstiod() {
        RetryPolicy retries = HttpRouteTranslation.defaultRetries();

        assertThat(retries.getRetryOn())
                .isEqualTo("connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes");
        assertThat(retries.getRetriableStatusCodesList()).isEmpty();
        assertThat(retries.getNumRetries().getValue()).isEqualTo(2);
        assertThat(retries.getHostSelectionRetryMaxAttempts()).isEqualTo(5);
        assertThat(retries.getRetryHostPredicateList())
                .extracting(RetryPolicy.RetryHostPredicate::getName)
                .containsExactly("envoy.retry_host_predicates.previous_hosts");
    }

    @Test
    void pathsMatchExactlyByPrefixAndByRegex() {
        assertThat(match("{uri: {exact: /login}}").getPath()).isEqualTo("/login");
        assertThat(match("{uri: {prefix: /api/v1/}}").getPrefix()).isEqualTo("/api/v1/");
        assertThat(match("{uri: {regex: '/v[12]/.*'}}").getSafeRegex().getRegex())
                .isEqualTo("/v[12]/.*");
        assertThat(match("{uri: {prefix: /a}}").getCaseSensitive().getValue()).isTrue();
        assertThat(match("{uri: {prefix: /a}, ignoreUriCase: true}")
                        .getCaseSensitive()
                        .getValue())
                .isFalse();
    }

    @Test
    void otherConditionsAreOnHeadersInIstiosOrder() {
        List<HeaderMatcher> headers = match("""
                        {scheme: {exact: https}, authority: {prefix: rev}, method: {regex: 'GET|HEAD'}, \
                        headers: {x-b: {exact: '1'}, X-A: {}}, \
                        withoutHeaders: {x-c: {prefix: no}, x-d: {}}}""").getHeadersList();

        assertThat(headers)
                .extracting(HeaderMatcher::getName)
                .containsExactly("x-a", "x-b", "x-c", "x-d", ":method", ":authority", ":scheme");
        assertThat(headers.get(0).getPresentMatch()).isTrue();
        assertThat(headers.get(1).getStringMatch().getExact()).isEqualTo("1");
        assertThat(headers.get(2).getStringMatch().getPrefix()).isEqualTo("no");
        assertThat(headers.get(2).getInvertMatch()).isTrue();
        assertThat(headers.get(2).getTreatMissingHeaderAsEmpty()).isTrue();
        assertThat(headers.get(3).getPresentMatch()).isTrue();
        assertThat(headers.get(3).getInvertMatch()).isTrue();
        assertThat(headers.get(3).getTreatMissingHeaderAsEmpty()).isFalse();
        assertThat(headers.get(4).getStringMatch().getSafeRegex().getRegex()).isEqualTo("GET|HEAD");
    }

    @Test
    void queryParametersMatch() {
        RouteMatch match = match("{queryParams: {v: {exact: '1'}, debug: {}}}");

        assertThat(match.getQueryParameters(0).getName()).isEqualTo("debug");
        assertThat(match.getQueryParameters(0).getPresentMatch()).isTrue();
        assertThat(match.getQueryParameters(1).getStringMatch().getExact()).isEqualTo("1");
    }

    @Test
    void aRouteHasATranslationForEachOfItsMatches() {
        List<Route> routes = routes("""
                - name: login
                  match:
                  - {name: in, uri: {exact: /login}, statPrefix: logins}
                  - uri: {exact: /logout}
                  route: [{destination: {host: reviews}}]
                """);

        assertThat(routes).extracting(Route::getName).containsExactly("login.in", "login");
        assertThat(routes).extracting(Route::getStatPrefix).containsExactly("logins", "");
    }

    @Test
    void nothingFollowsARouteThatMatchesEverything() {
        String last = "- match: [{uri: {prefix: /late}}]\n  route: [{destination: {host: ratings}}]\n";

        assertThat(routes("- route: [{destination: {host: reviews}}]\n" + last)).hasSize(1);
        assertThat(routes("- match: [{uri: {prefix: /}}]\n  route: [{destination: {host: reviews}}]\n" + last))
                .hasSize(1);
        assertThat(routes("- match: [{uri: {regex: '.*'}}]\n  route: [{destination: {host: reviews}}]\n" + last))
                .hasSize(1);
        assertThat(routes("- match: [{method: {exact: GET}}]\n  route: [{destination: {host: reviews}}]\n" + last))
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {port: 9080}                                            | true
                    {port: 80}                                              | false
                    {sourceLabels: {app: productpage}}                      | true
                    {sourceLabels: {app: ratings}}                          | false
                    {sourceLabels: {app: productpage, version: v1}}         | false
                    {sourceNamespace: default}                              | true
                    {sourceNamespace: other}                                | false
                    {gateways: [mesh]}                                      | true
                    {gateways: [bookinfo]}                                  | false
                    {gateways: [mesh], sourceLabels: {app: ratings}}        | true
                    """)
    void aMatchIsLeftOutThatIsForOtherProxies(String match, boolean there) {
        assertThat(routes("- match: [" + match + "]\n  route: [{destination: {host: reviews}}]\n"))
                .hasSize(there ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({
        "bookinfo, true",
        "default/bookinfo, true",
        "bookinfo.default, true",
        "bookinfo.default.svc.cluster.local, true",
        "other/bookinfo, false",
        "mesh, false"
    })
    void gatewaysOfAMatchAreNamedInManyWays(String name, boolean there) {
        assertThat(routes(EDGE, "- match: [{gateways: ['" + name + "']}]\n  route: [{destination: {host: reviews}}]\n"))
                .hasSize(there ? 1 : 0);
    }

    @Test
    void severalDestinationsShareByWeight() {
        Route route = routes("""
                        - route:
                          - {destination: {host: reviews, subset: v1}, weight: 80}
                          - {destination: {host: reviews, subset: v2, port: {number: 81}}, weight: 20}
                          - {destination: {host: reviews, subset: v3}}
                        """).getFirst();

        assertThat(route.getRoute().getWeightedClusters().getClustersList())
                .extracting(ClusterWeight::getName, weight -> weight.getWeight().getValue())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("outbound|9080|v1|reviews.default.svc.cluster.local", 80),
                        org.assertj.core.groups.Tuple.tuple("outbound|81|v2|reviews.default.svc.cluster.local", 20));
        assertThat(route.getDecorator().getOperation()).isEqualTo("reviews:9080/*");
    }

    @Test
    void headersAreSetAddedAndRemoved() {
        Route route = routes("""
                        - headers:
                            request: {set: {x-b: '1', x-a: '2'}, add: {x-c: '3'}, remove: [x-d, ':path']}
                            response: {set: {server: mesh}}
                          route:
                          - destination: {host: reviews}
                            headers: {request: {set: {x-e: '4'}}, response: {remove: [x-f]}}
                        """.replace(", ':path'", "")).getFirst();

        assertThat(route.getRequestHeadersToAddList())
                .extracting(
                        option -> option.getHeader().getKey() + "="
                                + option.getHeader().getValue(),
                        HeaderValueOption::getAppendAction)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("x-a=2", HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD),
                        org.assertj.core.groups.Tuple.tuple("x-b=1", HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD),
                        org.assertj.core.groups.Tuple.tuple("x-c=3", HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD),
                        org.assertj.core.groups.Tuple.tuple("x-e=4", HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD));
        assertThat(route.getRequestHeadersToRemoveList()).containsExactly("x-d");
        assertThat(route.getResponseHeadersToAdd(0).getHeader().getKey()).isEqualTo("server");
        assertThat(route.getResponseHeadersToRemoveList()).containsExactly("x-f");
    }

    @Test
    void headersOfWeightedDestinationsStandAtTheirClusters() {
        ClusterWeight weight =
                routes("""
                        - route:
                          - destination: {host: reviews}
                            weight: 50
                            headers: {request: {set: {host: other.example, x-a: '1'}}}
                          - {destination: {host: ratings}, weight: 50}
                        """).getFirst().getRoute().getWeightedClusters().getClusters(0);

        assertThat(weight.getRequestHeadersToAddList())
                .extracting(option -> option.getHeader().getKey())
                .containsExactly("x-a");
        assertThat(weight.getHostRewriteLiteral()).isEqualTo("other.example");
    }

    @Test
    void aHeaderForTheAuthorityRewritesTheHost() {
        Route route = routeWith("headers: {request: {set: {':authority': other.example}}}");

        assertThat(route.getRequestHeadersToAddList()).isEmpty();
        assertThat(route.getRoute().getHostRewriteLiteral()).isEqualTo("other.example");
    }

    @Test
    void rewritesChangePathAndAuthority() {
        assertThat(routeWith("rewrite: {uri: /v2, authority: other.example}").getRoute())
                .satisfies(action -> assertThat(action.getPrefixRewrite()).isEqualTo("/v2"))
                .satisfies(action -> assertThat(action.getHostRewriteLiteral()).isEqualTo("other.example"));
        assertThat(routeWith(
                                "rewrite: {uriRegexRewrite: {match: '^/service/([^/]+)(/.*)$', rewrite: '\\2/instance/\\1'}}")
                        .getRoute()
                        .getRegexRewrite())
                .satisfies(regex -> assertThat(regex.getPattern().getRegex()).isEqualTo("^/service/([^/]+)(/.*)$"))
                .satisfies(regex -> assertThat(regex.getSubstitution()).isEqualTo("\\2/instance/\\1"));
    }

    @Test
    @SuppressWarnings("deprecation")
    void aTimeoutLimitsGrpcToo() {
        Route route = routeWith("timeout: 1.5s");

        Duration expected =
                Duration.newBuilder().setSeconds(1).setNanos(500_000_000).build();
        assertThat(route.getRoute().getTimeout()).isEqualTo(expected);
        assertThat(route.getRoute().getMaxGrpcTimeout()).isEqualTo(expected);
    }

    @Test
    void retriesAreTheDefaultsWithWhatIsAskedFor() {
        RetryPolicy retries = routeWith("""
                        retries:
                          attempts: 3
                          perTryTimeout: 2s
                          retryOn: connect-failure,503,reset
                          retryRemoteLocalities: true
                          retryIgnorePreviousHosts: false
                          backoff: 50ms
                        """).getRoute().getRetryPolicy();

        assertThat(retries.getNumRetries().getValue()).isEqualTo(3);
        assertThat(retries.getPerTryTimeout().getSeconds()).isEqualTo(2);
        assertThat(retries.getRetryOn()).isEqualTo("connect-failure,reset,retriable-status-codes");
        assertThat(retries.getRetriableStatusCodesList()).containsExactly(503);
        assertThat(retries.getRetryPriority().getName()).isEqualTo("envoy.retry_priorities.previous_priorities");
        assertThat(retries.getRetryHostPredicateList()).isEmpty();
        assertThat(retries.getRetryBackOff().getBaseInterval())
                .isEqualTo(Duration.newBuilder().setNanos(50_000_000).build());
    }

    @Test
    void noAttemptsMeansNoRetries() {
        assertThat(routeWith("retries: {attempts: 0}").getRoute().hasRetryPolicy())
                .isFalse();
    }

    @Test
    void faultsGoToTheFaultFilter() {
        HTTPFault fault =
                unpack(routeWith("""
                                fault:
                                  delay: {percentage: {value: 0.1}, fixedDelay: 7s}
                                  abort: {percentage: {value: 100}, httpStatus: 555}
                                """).getTypedPerFilterConfigOrThrow("envoy.filters.http.fault"), HTTPFault.class);

        assertThat(fault.getDelay().getFixedDelay().getSeconds()).isEqualTo(7);
        assertThat(fault.getDelay().getPercentage().getNumerator()).isEqualTo(1_000);
        assertThat(fault.getDelay().getPercentage().getDenominator()).isEqualTo(DenominatorType.MILLION);
        assertThat(fault.getAbort().getHttpStatus()).isEqualTo(555);
        assertThat(fault.getAbort().getPercentage().getNumerator()).isEqualTo(1_000_000);
    }

    @Test
    void abortsMayBeGrpcs() {
        HTTPFault fault = unpack(
                routeWith("fault: {abort: {percentage: {value: 50}, grpcStatus: UNAVAILABLE}}")
                        .getTypedPerFilterConfigOrThrow("envoy.filters.http.fault"),
                HTTPFault.class);

        assertThat(fault.getAbort().getGrpcStatus()).isEqualTo(14);
    }

    @Test
    void corsGoesToTheCorsFilter() {
        CorsPolicy cors =
                unpack(routeWith("""
                                corsPolicy:
                                  allowOrigins: [{exact: 'https://a.example'}, {regex: 'https://.*\\.b\\.example'}]
                                  allowMethods: [GET, POST]
                                  allowHeaders: [x-a, x-b]
                                  exposeHeaders: [x-c]
                                  maxAge: 24h
                                  allowCredentials: false
                                  unmatchedPreflights: IGNORE
                                """).getTypedPerFilterConfigOrThrow("envoy.filters.http.cors"), CorsPolicy.class);

        assertThat(cors.getAllowOriginStringMatch(0).getExact()).isEqualTo("https://a.example");
        assertThat(cors.getAllowOriginStringMatch(1).getSafeRegex().getRegex()).isEqualTo("https://.*\\.b\\.example");
        assertThat(cors.getAllowMethods()).isEqualTo("GET,POST");
        assertThat(cors.getAllowHeaders()).isEqualTo("x-a,x-b");
        assertThat(cors.getExposeHeaders()).isEqualTo("x-c");
        assertThat(cors.getMaxAge()).isEqualTo("86400");
        assertThat(cors.hasAllowCredentials()).isTrue();
        assertThat(cors.getAllowCredentials().getValue()).isFalse();
        assertThat(cors.getForwardNotMatchingPreflights().getValue()).isFalse();
        assertThat(cors.getFilterEnabled().getDefaultValue().getNumerator()).isEqualTo(100);
    }

    @Test
    void mirrorsCopyAShare() {
        Route route = routeWith("""
                mirrors:
                - {destination: {host: ratings, subset: v2}, percentage: {value: 12.5}}
                - {destination: {host: details}, percentage: {value: 0}}
                """);

        assertThat(route.getRoute().getRequestMirrorPoliciesList()).hasSize(1);
        assertThat(route.getRoute().getRequestMirrorPolicies(0)).satisfies(mirror -> {
            assertThat(mirror.getCluster()).isEqualTo("outbound|9080|v2|ratings.default.svc.cluster.local");
            assertThat(mirror.getRuntimeFraction().getDefaultValue().getNumerator())
                    .isEqualTo(125_000);
            assertThat(mirror.hasTraceSampled()).isTrue();
            assertThat(mirror.getTraceSampled().getValue()).isFalse();
        });
        assertThat(routeWith("mirror: {host: ratings}")
                        .getRoute()
                        .getRequestMirrorPolicies(0)
                        .getRuntimeFraction()
                        .getDefaultValue()
                        .getNumerator())
                .isEqualTo(1_000_000);
    }

    @Test
    void redirectsAnswerThemselves() {
        RedirectAction redirect = routes("""
                        - match: [{uri: {exact: /old}}]
                          redirect: {uri: /new, authority: other.example, scheme: https, redirectCode: 308}
                        """).getFirst().getRedirect();

        assertThat(redirect.getPathRedirect()).isEqualTo("/new");
        assertThat(redirect.getHostRedirect()).isEqualTo("other.example");
        assertThat(redirect.getSchemeRedirect()).isEqualTo("https");
        assertThat(redirect.getResponseCode()).isEqualTo(RedirectResponseCode.PERMANENT_REDIRECT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {port: 8443}                                       | 8443
                    {port: 80}                                         | 80
                    {port: 443}                                        | 0
                    {port: 443, scheme: http}                          | 443
                    {derivePort: FROM_REQUEST_PORT, scheme: http}      | 443
                    {derivePort: FROM_REQUEST_PORT}                    | 0
                    {derivePort: FROM_PROTOCOL_DEFAULT, scheme: https} | 0
                    """)
    void aRedirectSaysAPortOnlyWhereTheSchemeDoesNot(String redirect, int port) {
        assertThat(routes(EDGE, "- redirect: " + redirect + "\n")
                        .getFirst()
                        .getRedirect()
                        .getPortRedirect())
                .isEqualTo(port);
    }

    @Test
    void directResponsesAnswerThemselves() {
        Route route = routes("- directResponse: {status: 503, body: {string: gone}}\n")
                .getFirst();

        assertThat(route.getDirectResponse().getStatus()).isEqualTo(503);
        assertThat(route.getDirectResponse().getBody().getInlineBytes().toStringUtf8())
                .isEqualTo("gone");
        assertThat(route.getDecorator().getOperation()).isEqualTo("reviews:9080/*");
    }

    @Test
    void consistentHashingGoesByWhatTheDestinationRuleSays() {
        Route route = routes(
                        SIDECAR,
                        "- route: [{destination: {host: reviews, subset: v1}}]\n",
                        Optional.of(Specs.destinationRule("""
                                host: reviews
                                trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true}}}
                                subsets:
                                - name: v1
                                  trafficPolicy:
                                    loadBalancer: {consistentHash: {httpCookie: {name: user, path: /, ttl: 0s}}}
                                """)))
                .getFirst();

        assertThat(route.getRoute().getHashPolicyList()).hasSize(1);
        assertThat(route.getRoute().getHashPolicy(0).getCookie().getName()).isEqualTo("user");
        assertThat(route.getRoute().getHashPolicy(0).getCookie().hasTtl()).isTrue();
        assertThat(route.getRoute().getRetryPolicy().getRetryHostPredicateList())
                .as("a retry stays with the host that the hash chose")
                .isEmpty();
    }

    @Test
    void aServiceWithoutVirtualServiceHasADefaultRoute() {
        Route route =
                HttpRouteTranslation.defaultRoute("outbound|9080||details.default.svc.cluster.local", "details:9080/*");

        assertThat(route.getName()).isEqualTo("default");
        assertThat(route.getRoute().getRetryPolicy()).isEqualTo(HttpRouteTranslation.defaultRetries());
        assertThat(route.hasMetadata()).isFalse();
        assertThat(route.getDecorator().getOperation()).isEqualTo("details:9080/*");
    }

    @Test
    void onAGatewayRoutesThatMatchEverythingGoLast() {
        List<Route> routes = HttpRouteTranslation.catchAllsLast(List.of(
                HttpRouteTranslation.defaultRoute("a", "a"),
                routes(EDGE, "- match: [{uri: {exact: /b}}]\n  route: [{destination: {host: b}}]\n")
                        .getFirst()));

        assertThat(routes).extracting(route -> route.getMatch().getPath()).containsExactly("/b", "");
    }

    @Test
    void theOrderInWhichMapsAreWrittenDoesNotCount() {
        List<Route> one = routes("""
                - match: [{headers: {b: {exact: '2'}, a: {exact: '1'}}, queryParams: {y: {}, x: {}}}]
                  headers: {request: {set: {d: '4', c: '3'}, add: {f: '6', e: '5'}}}
                  corsPolicy: {allowOrigins: [{exact: a}]}
                  fault: {delay: {percentage: {value: 1}, fixedDelay: 1s}}
                  route: [{destination: {host: reviews}}]
                """);
        List<Route> other = routes("""
                - fault: {delay: {percentage: {value: 1}, fixedDelay: 1s}}
                  headers: {request: {add: {e: '5', f: '6'}, set: {c: '3', d: '4'}}}
                  corsPolicy: {allowOrigins: [{exact: a}]}
                  match: [{queryParams: {x: {}, y: {}}, headers: {a: {exact: '1'}, b: {exact: '2'}}}]
                  route: [{destination: {host: reviews}}]
                """);

        assertThat(ProtoValues.any(other.getFirst()).toByteString())
                .isEqualTo(ProtoValues.any(one.getFirst()).toByteString());
    }
}
