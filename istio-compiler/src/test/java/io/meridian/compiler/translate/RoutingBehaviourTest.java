package io.meridian.compiler.translate;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.meridian.compiler.simulation.Outcome;
import io.meridian.compiler.simulation.RoutingSimulation;
import io.meridian.compiler.simulation.SimulatedRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What users see: a VirtualService as they write it, and where requests go. */
class RoutingBehaviourTest {
    private static final String BOOKS = """
            - match:
              - headers: {end-user: {exact: jason}}
              route: [{destination: {host: reviews, subset: v2}}]
            - match:
              - uri: {exact: /login}
              - uri: {prefix: /admin}
                withoutHeaders: {x-role: {exact: guest}}
              route: [{destination: {host: login}}]
            - match: [{uri: {regex: '/books/[0-9]+'}, method: {exact: GET}}]
              rewrite: {uri: /book}
              route: [{destination: {host: books}}]
            - match: [{queryParams: {preview: {exact: 'true'}}}]
              route: [{destination: {host: reviews, subset: v3}}]
            - match: [{uri: {prefix: /OLD/}, ignoreUriCase: true}]
              redirect: {uri: /new, scheme: https}
            - match: [{uri: {prefix: /closed}}]
              directResponse: {status: 410}
            - route:
              - {destination: {host: reviews, subset: v1}, weight: 75}
              - {destination: {host: reviews, subset: v3}, weight: 25}
            """;

    private static Outcome send(String http, SimulatedRequest request) {
        RouteConfiguration configuration = RouteConfigurations.outbound("9080")
                .addVirtualHosts(RouteConfigurations.virtualHost(
                        "reviews:9080", List.of("reviews", "reviews.default"), Specs.routes(http)))
                .addVirtualHosts(RouteConfigurations.allowAny())
                .build();
        return new RoutingSimulation(configuration).send(request);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', textBlock = """
                    http://reviews:9080/            | end-user: jason | v2@reviews
                    http://reviews/login            |                 | @login
                    http://reviews/login/           |                 | 75 v1@reviews, 25 v3@reviews
                    http://reviews/admin/x          |                 | @login
                    http://reviews/admin/x          | x-role: guest   | 75 v1@reviews, 25 v3@reviews
                    http://reviews/books/12         |                 | @books
                    http://reviews/books/12/x       |                 | 75 v1@reviews, 25 v3@reviews
                    http://reviews/x?preview=true   |                 | v3@reviews
                    http://reviews/x?preview=false  |                 | 75 v1@reviews, 25 v3@reviews
                    http://reviews/old/x            |                 | 301 https://reviews/new
                    http://reviews/closed/x         |                 | 410
                    http://elsewhere.example/       |                 | PassthroughCluster
                    """)
    void requestsGoWhereTheVirtualServiceSays(String url, String header, String expected) {
        SimulatedRequest request = SimulatedRequest.get(url);
        if (header != null) {
            request = request.withHeader(header.split(": ", 2)[0], header.split(": ", 2)[1]);
        }

        assertThat(named(send(BOOKS, request).summary())).isEqualTo(expected);
    }

    /** "subset@host" for "outbound|9080|subset|host.default.svc.cluster.local". */
    private static String named(String summary) {
        return summary.replaceAll("outbound\\|9080\\|([^|]*)\\|([^.]+)\\.default\\.svc\\.cluster\\.local", "$1@$2");
    }

    @Test
    void rewritesAreSeenByTheService() {
        Outcome.Forwarded to = (Outcome.Forwarded) send(BOOKS, SimulatedRequest.get("http://reviews/books/12?q=1"));

        assertThat(to.path()).isEqualTo("/book?q=1");
        assertThat(to.virtualHost()).isEqualTo("reviews:9080");
    }
}
