package io.meridian.compiler.translate;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.istio.HttpAction.Forward;
import io.meridian.model.istio.HttpMatch;
import io.meridian.model.istio.HttpRoute;
import io.meridian.model.istio.StringMatch;
import io.meridian.model.istio.VirtualService;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DelegatesTest {
    /** {@code own}: the {@code http} routes of the delegate {@code shop/cart}. */
    private static List<HttpRoute> merge(String root, String own) {
        VirtualService rootService = Specs.virtualService("hosts: [shop.example]\ngateways: [edge]\nhttp:\n" + root);
        VirtualService delegate = Specs.virtualService("http:\n" + own);
        return Delegates.merge(
                        rootService,
                        "edge",
                        (namespace, name) -> namespace.equals("shop") && name.equals("cart")
                                ? Optional.of(delegate)
                                : Optional.empty())
                .http();
    }

    private static List<HttpMatch> matches(String root, String own) {
        return merge(
                        "- delegate: {name: cart, namespace: shop}\n  match: [" + root + "]\n",
                        "- match: [" + own + "]\n  route: [{destination: {host: cart}}]\n")
                .stream()
                .flatMap(route -> route.matches().stream())
                .toList();
    }

    @Test
    void aDelegatesRoutesStandInThePlaceOfTheReference() {
        List<HttpRoute> routes = merge("""
                - match: [{uri: {exact: /first}}]
                  route: [{destination: {host: first}}]
                - name: shop
                  match: [{uri: {prefix: /cart}}]
                  timeout: 3s
                  delegate: {name: cart, namespace: shop}
                - route: [{destination: {host: last}}]
                """, """
                - name: item
                  match: [{uri: {prefix: /cart/item}}]
                  route: [{destination: {host: item}}]
                  timeout: 1s
                - route: [{destination: {host: cart}}]
                """);

        assertThat(routes)
                .extracting(HttpRoute::name)
                .containsExactly(Optional.empty(), Optional.of("shop-item"), Optional.of("shop"), Optional.empty());
        assertThat(routes)
                .extracting(route -> ((Forward) route.action())
                        .route()
                        .getFirst()
                        .destination()
                        .host())
                .as("short names are those of the delegate's namespace")
                .containsExactly("first", "item.shop.svc.cluster.local", "cart.shop.svc.cluster.local", "last");
        assertThat(routes)
                .extracting(HttpRoute::timeout)
                .containsExactly(
                        Optional.empty(),
                        Optional.of(Duration.ofSeconds(1)),
                        Optional.of(Duration.ofSeconds(3)),
                        Optional.empty());
        assertThat(routes.get(2).matches().getFirst().uri()).contains(new StringMatch.Prefix("/cart"));
    }

    @Test
    void aMissingDelegateLeavesNothing() {
        assertThat(merge("- delegate: {name: other}\n", "- route: [{destination: {host: cart}}]\n"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {uri: {prefix: /a}}                       | {uri: {prefix: /a/b}}                 | true
                    {uri: {prefix: /a}}                       | {uri: {exact: /a/b}}                  | true
                    {uri: {prefix: /a}}                       | {uri: {prefix: /b}}                   | false
                    {uri: {exact: /a}}                        | {uri: {exact: /a}}                    | true
                    {uri: {exact: /a}}                        | {uri: {prefix: /a}}                   | false
                    {headers: {x: {exact: '1'}}}              | {headers: {y: {exact: '1'}}}          | true
                    {headers: {x: {exact: '1'}}}              | {headers: {x: {exact: '2'}}}          | false
                    {method: {exact: GET}}                    | {uri: {prefix: /a}}                   | true
                    {port: 80}                                | {port: 81}                            | false
                    {ignoreUriCase: true, uri: {prefix: /a}}  | {uri: {prefix: /a/b}}                 | false
                    {sourceLabels: {app: a}}                  | {sourceLabels: {app: b}}              | false
                    {sourceLabels: {app: a}}                  | {sourceLabels: {version: b}}          | true
                    {sourceNamespace: a}                      | {sourceNamespace: b}                  | false
                    {gateways: [edge/one, edge/two]}          | {gateways: [edge/one]}                | true
                    {gateways: [one]}                         | {gateways: [edge/one]}                | true
                    {gateways: [one]}                         | {gateways: [one]}                     | false
                    """)
    void aDelegatesConditionsMustBeNarrower(String root, String own, boolean merged) {
        assertThat(matches(root, own)).hasSize(merged ? 1 : 0);
    }

    @Test
    void conditionsOfBothMustHold() {
        HttpMatch match = matches(
                        "{name: outer, uri: {prefix: /a}, headers: {x: {exact: '1'}}, method: {exact: GET}}",
                        "{name: inner, uri: {exact: /a/b}, headers: {y: {exact: '2'}}}")
                .getFirst();

        assertThat(match.name()).contains("outer-inner");
        assertThat(match.uri()).contains(new StringMatch.Exact("/a/b"));
        assertThat(match.method()).contains(new StringMatch.Exact("GET"));
        assertThat(match.headers()).containsOnlyKeys("x", "y");
    }

    @Test
    void alternativesAreCombined() {
        assertThat(matches("{uri: {prefix: /a}}, {uri: {prefix: /a/b}}", "{uri: {exact: /a/b}}, {uri: {exact: /a}}"))
                .hasSize(3);
    }
}
