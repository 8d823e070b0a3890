package io.meridian.model.istio;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.istio.HttpAction.Forward;
import io.meridian.model.istio.HttpAction.HttpDestination;
import io.meridian.model.mesh.RejectionCode;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VirtualServiceParserTest {

    @Test
    void everyPartOfAnHttpRouteIsRead() {
        VirtualService spec = Specs.virtualService("""
            hosts: [shop.example.com]
            gateways: [edge, mesh, other/inner]
            exportTo: ["."]
            http:
            - name: search
              match:
              - uri: {prefix: /search}
                ignoreUriCase: true
                method: {exact: GET}
                authority: {regex: "shop[.].*"}
                headers: {X-User: {exact: ann}, x-beta: {}}
                withoutHeaders: {x-bot: {prefix: go}}
                queryParams: {q: {regex: ".+"}}
                port: 8080
                sourceLabels: {app: web}
                sourceNamespace: front
                gateways: [edge]
              route:
              - destination: {host: search, subset: v2, port: {number: 9000}}
                weight: 75
                headers: {response: {add: {x-served: v2}}}
              - destination: {host: search}
                weight: 25
              rewrite: {uriRegexRewrite: {match: "^/search/(.*)$", rewrite: '/\\1'}}
              timeout: 1.5s
              retries: {attempts: 3, perTryTimeout: 500ms, retryOn: "5xx,503"}
              fault:
                delay: {percentage: {value: 0.1}, fixedDelay: 5s}
                abort: {percentage: {value: 10}, grpcStatus: UNAVAILABLE}
              mirror: {host: search-shadow}
              mirrorPercentage: {value: 12.5}
              corsPolicy: {allowOrigins: [{exact: "https://example.com"}], allowMethods: [GET], maxAge: 24h}
              headers: {request: {set: {x-env: prod}, remove: [cookie]}}
            """);

        HttpRoute route = spec.http().getFirst();
        assertThat(route.name()).contains("search");
        HttpMatch match = route.matches().getFirst();
        assertThat(match.uri()).contains(new StringMatch.Prefix("/search"));
        assertThat(match.headers())
                .containsEntry("x-user", new StringMatch.Exact("ann"))
                .containsEntry("x-beta", new StringMatch.Present());
        assertThat(match.port()).hasValue(8080);
        assertThat(route.action()).isInstanceOfSatisfying(Forward.class, forward -> {
            HttpDestination first = forward.route().getFirst();
            assertThat(first.destination())
                    .isEqualTo(new Destination("search", OptionalInt.of(9000), Optional.of("v2")));
            assertThat(first.weight()).isEqualTo(75);
            assertThat(first.headers().response().add()).containsEntry("x-served", "v2");
        });
        assertThat(route.timeout()).contains(Duration.ofMillis(1500));
        assertThat(route.retries().orElseThrow().perTryTimeout()).contains(Duration.ofMillis(500));
        assertThat(route.fault().orElseThrow().abort().orElseThrow().status())
                .isEqualTo(new HttpFault.AbortStatus.Grpc("UNAVAILABLE"));
        assertThat(route.mirrors().getFirst().percent()).isEqualTo(12.5);
        assertThat(route.cors().orElseThrow().maxAge()).contains(Duration.ofHours(24));
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "route: [{destination: {host: a}, weight: -1}] | spec.http[0].route[0].weight: must be a whole number from 0 to 2147483647, but is -1",
                "route: [{destination: {host: a}, weight: '50'}] | spec.http[0].route[0].weight: must be a whole number from 0 to 2147483647, but is the string \"50\"",
                "route: [{destination: {host: a}}, {destination: {host: b}}] | spec.http[0].route: the weights of its 2 destinations sum to 0: give at least one of them a weight above 0",
                "route: [{destination: {host: a, port: {number: 70000}}}] | spec.http[0].route[0].destination.port.number: must be a whole number from 1 to 65535, but is 70000",
                "route: [{destination: {host: a, port: {number: 0}}}] | spec.http[0].route[0].destination.port.number: must be a whole number from 1 to 65535, but is 0",
                "route: [{weight: 1}] | spec.http[0].route[0].destination: is required",
                "route: [{destination: {host: '*'}}] | spec.http[0].route[0].destination.host: \"*\" is not a destination",
                "route: [] | spec.http[0].route: is required: one of route, redirect, directResponse and delegate must be given",
                "{route: [{destination: {host: a}}], timeout: 0s} | spec.http[0].timeout: must be at least 1ms, but is \"0s\"",
                "{route: [{destination: {host: a}}], timeout: soon} | spec.http[0].timeout: must be a duration such as \"5s\", \"0.5s\" or \"1h30m\", but is \"soon\"",
                "{route: [{destination: {host: a}}], retries: {attempts: -1}} | spec.http[0].retries.attempts: must be a whole number from 0 to 2147483647, but is -1",
                "{route: [{destination: {host: a}}], match: [{uri: {regex: '(?=a)'}}]} | spec.http[0].match[0].uri.regex: the regex has lookaround or an atomic group at index 0, which RE2 does not support",
                "{route: [{destination: {host: a}}], match: [{headers: {'a b': {exact: x}}}]} | spec.http[0].match[0].headers[a b]: \"a b\" is not a valid header name (letters, digits, - and _)",
                "{route: [{destination: {host: a}}], match: [{uri: {exact: /a, prefix: /b}}]} | spec.http[0].match[0].uri: must not have both exact and prefix: at most one of exact, prefix, regex is allowed",
                "{route: [{destination: {host: a}}], redirect: {uri: /b}} | spec.http[0]: must not have both route and redirect: at most one of route, redirect, directResponse, delegate is allowed",
                "{directResponse: {status: 503}, fault: {delay: {percentage: {value: 1}, fixedDelay: 1s}}} | spec.http[0].fault: is not allowed in a route that does not forward (redirect or directResponse)",
                "{redirect: {}} | spec.http[0].redirect: must say at least one of uri, prefixRewrite, authority, port, derivePort and scheme",
                "{directResponse: {status: 99}} | spec.http[0].directResponse.status: must be a whole number from 200 to 599, but is 99",
                "{route: [{destination: {host: a}}], mirror: {host: b}, mirrors: [{destination: {host: c}}]} | spec.http[0]: must not have both mirror and mirrors: at most one of mirror, mirrors is allowed",
                "{route: [{destination: {host: a}}], retries: {attempts: 1, retryOn: never}} | spec.http[0].retries.retryOn: \"never\" is none of Envoy's retry conditions (5xx, cancelled, connect-failure, deadline-exceeded, envoy-ratelimited, gateway-error, http3-post-connect-failure, internal, refused-stream, reset, reset-before-request, resource-exhausted, retriable-4xx, retriable-headers, retriable-status-codes, unavailable) nor an HTTP status",
                "{delegate: {name: x}, match: [{uri: {regex: '/a.*'}}]} | spec.http[0].match[0].uri: a regex is not allowed where routes are delegated",
                "{route: [{destination: {host: a}}], fault: {delay: {percentage: {value: 101}, fixedDelay: 1s}}} | spec.http[0].fault.delay.percentage.value: must be a number from 0.0 to 100.0, but is 101",
                "{route: [{destination: {host: a}}], headers: {request: {set: {':path': x}}}} | spec.http[0].headers.request.set[:path]: pseudo headers such as \":path\" cannot be changed",
            })
    void aWrongRouteIsRefusedAtItsField(String route, String error) {
        String yaml = "hosts: [a]\nhttp:\n- " + (route.startsWith("{") ? route : "{" + route + "}") + "\n";

        assertThat(Specs.errors("VirtualService", yaml)).containsExactly(error);
    }

    @Test
    void anUnknownFieldIsNamedWithItsNearestKnownOne() {
        IstioSpecs.Parsed parsed = Specs.parse("VirtualService", """
            hosts: [a]
            http:
            - route:
              - destination: {host: a, subst: v1}
            """);

        assertThat(parsed.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(RejectionCode.UNKNOWN_FIELD);
            assertThat(problem.field()).isEqualTo("spec.http[0].route[0].destination.subst");
            assertThat(problem.message()).isEqualTo("unknown field \"subst\"; did you mean \"subset\"?");
        });
    }

    @Test
    void allProblemsAreFoundInOneGo() {
        assertThat(Specs.errors("VirtualService", """
            hosts: ["*", bad_host]
            gatways: [edge]
            http:
            - route: [{destination: {host: a, port: {number: -1}}}]
              timeout: 5
            """)).hasSize(5);
    }

    @Test
    void weightsThatDoNotSumTo100AreTakenAsProportionsWithAWarning() {
        assertThat(Specs.warnings("VirtualService", """
            hosts: [a]
            http:
            - route:
              - {destination: {host: a, subset: v1}, weight: 1}
              - {destination: {host: a, subset: v2}, weight: 2}
            """))
                .containsExactly("spec.http[0].route: the weights sum to 3, not 100, and are taken as proportions:"
                        + " a v1 33.3 %, a v2 66.7 %");
    }

    @Test
    void withoutHostsItIsADelegateAndHasNoGateways() {
        String route = "http: [{route: [{destination: {host: a}}]}]\n";

        assertThat(Specs.errors("VirtualService", route)).isEmpty();
        assertThat(Specs.errors("VirtualService", "gateways: [edge]\n" + route))
                .containsExactly(
                        "spec.hosts: is required; without hosts it is a delegate, and a delegate must not name gateways");
    }

    @Test
    void sniHostsMustBeWithinTheHosts() {
        assertThat(Specs.errors("VirtualService", """
            hosts: ["*.example.com"]
            tls:
            - match: [{port: 443, sniHosts: [a.example.com, b.example.org]}]
              route: [{destination: {host: a}}]
            """))
                .containsExactly(
                        "spec.tls[0].match[0].sniHosts[1]: \"b.example.org\" is within none of the hosts: *.example.com");
    }
}
