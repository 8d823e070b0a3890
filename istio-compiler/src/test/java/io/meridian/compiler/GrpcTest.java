package io.meridian.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.fixture.Bookinfo;
import io.meridian.compiler.fixture.Compiled;
import io.meridian.compiler.fixture.Proxies;
import io.meridian.compiler.fixture.Scenarios;
import io.meridian.compiler.fixture.TestMesh;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What proxyless gRPC gets, one rule a test. */
class GrpcTest {
    private static final Proxy CLIENT = Proxies.grpc("default", "client", "10.7.0.1", Map.of("app", "client"));
    private static final Proxy ELSEWHERE = Proxies.grpc("elsewhere", "client", "10.7.0.2", Map.of());
    private static final Proxy SERVER = Proxies.grpc("default", "reviews-v1", "127.0.20.14", Map.of());
    private static final String INBOUND = "xds.istio.io/grpc/lds/inbound/";
    private static final String HOST = "reviews.default.svc.cluster.local";
    private static final String REVIEWS = "outbound|9080||" + HOST;

    private final TestMesh mesh = Bookinfo.mesh();

    private Compiled view(Proxy proxy) {
        return new Compiled(mesh.compiled().view(proxy));
    }

    private static HttpConnectionManager manager(Listener listener) {
        try {
            return listener.getApiListener().getApiListener().unpack(HttpConnectionManager.class);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aHostIsFoundInFullAndShortOfTheOwnNamespace() {
        Set<String> names = view(CLIENT).names(XdsType.LISTENER);

        assertThat(names).contains(HOST + ":9080", "reviews:9080", "reviews.default:9080", "reviews.default.svc:9080");
        assertThat(view(ELSEWHERE).names(XdsType.LISTENER))
                .contains(HOST + ":9080")
                .doesNotContain("reviews:9080", "reviews.default:9080");
    }

    @Test
    void aNameThatIsShortIsOfNoOtherServiceThanTheOneThatIsCalledSo() {
        mesh.apply("""
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: short, namespace: default}
                spec:
                  hosts: [reviews.default]
                  resolution: STATIC
                  ports: [{number: 9080, name: http, protocol: HTTP}]
                  endpoints: [{address: 127.0.0.9}]
                """);

        assertThat(manager(view(CLIENT).listener("reviews.default:9080"))
                        .getRds()
                        .getRouteConfigName())
                .isEqualTo("outbound|9080||reviews.default");
    }

    @Test
    void everythingThatIsReferredToIsThere() {
        TestMesh everything = Scenarios.everything();
        Compiled view = new Compiled(everything.compiled().view(CLIENT));

        Set<String> routes = view.names(XdsType.LISTENER).stream()
                .map(view::listener)
                .filter(Listener::hasApiListener)
                .map(listener -> manager(listener).getRds().getRouteConfigName())
                .collect(Collectors.toSet());
        assertThat(view.names(XdsType.ROUTE)).containsExactlyInAnyOrderElementsOf(routes);
        Set<String> clusters = view.names(XdsType.ROUTE).stream()
                .map(view::routes)
                .flatMap(configuration -> configuration.getVirtualHosts(0).getRoutesList().stream())
                .flatMap(GrpcTest::clusters)
                .collect(Collectors.toSet());
        assertThat(view.names(XdsType.CLUSTER)).containsAll(clusters);
        Set<String> assignments = view.names(XdsType.CLUSTER).stream()
                .map(view::cluster)
                .filter(cluster -> cluster.getType() == Cluster.DiscoveryType.EDS)
                .map(cluster -> cluster.getEdsClusterConfig().getServiceName())
                .collect(Collectors.toSet());
        assertThat(view.names(XdsType.ENDPOINT)).containsExactlyInAnyOrderElementsOf(assignments);
        assertThat(view.names(XdsType.CLUSTER).stream().map(view::cluster))
                .extracting(Cluster::getType)
                .containsOnly(Cluster.DiscoveryType.EDS, Cluster.DiscoveryType.LOGICAL_DNS);
    }

    private static Stream<String> clusters(Route route) {
        return route.getRoute().hasWeightedClusters()
                ? route.getRoute().getWeightedClusters().getClustersList().stream()
                        .map(weight -> weight.getName())
                : Stream.of(route.getRoute().getCluster());
    }

    @Test
    void routesAreThoseOfTheVirtualService() {
        RouteConfiguration routes = view(CLIENT).routes(REVIEWS);

        assertThat(routes.getVirtualHostsCount()).isOne();
        assertThat(routes.getVirtualHosts(0).getDomainsList()).containsExactly("*");
        assertThat(routes.getVirtualHosts(0).getRoutesList())
                .extracting(route -> clusters(route).toList())
                .containsExactly(
                        List.of("outbound|9080|v2|" + HOST),
                        List.of("outbound|9080|v1|" + HOST, "outbound|9080|v3|" + HOST));
    }

    @Test
    void aVirtualServiceOfAnotherNamespaceThatKeepsToItselfDoesNotCount() {
        mesh.delete("VirtualService", "default", "reviews").apply("""
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: reviews, namespace: elsewhere}
                spec:
                  hosts: [reviews.default.svc.cluster.local]
                  exportTo: ["."]
                  http: [{route: [{destination: {host: ratings.default.svc.cluster.local}}]}]
                """);

        assertThat(view(CLIENT).routes(REVIEWS).getVirtualHosts(0).getRoutes(0).getName())
                .isEqualTo("default");
        assertThat(view(ELSEWHERE)
                        .routes(REVIEWS)
                        .getVirtualHosts(0)
                        .getRoutes(0)
                        .getRoute()
                        .getCluster())
                .isEqualTo("outbound|9080||ratings.default.svc.cluster.local");
    }

    @Test
    void aServiceThatIsNotExportedIsNotThere() {
        mesh.apply("""
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: own, namespace: default}
                spec:
                  hosts: [own.example.com]
                  exportTo: ["."]
                  resolution: STATIC
                  ports: [{number: 80, name: grpc, protocol: GRPC}]
                  endpoints: [{address: 127.0.0.9}]
                """);

        assertThat(view(CLIENT).names(XdsType.LISTENER)).contains("own.example.com:80");
        assertThat(view(ELSEWHERE).names(XdsType.LISTENER)).doesNotContain("own.example.com:80");
        assertThat(view(ELSEWHERE).names(XdsType.CLUSTER)).noneMatch(name -> name.contains("own"));
    }

    @Test
    void aSidecarNarrowsWhatAClientSees() {
        mesh.apply("""
                apiVersion: networking.istio.io/v1
                kind: Sidecar
                metadata: {name: client, namespace: default}
                spec:
                  workloadSelector: {labels: {app: client}}
                  egress:
                  - port: {number: 9080, name: http, protocol: HTTP}
                    hosts: [./ratings.default.svc.cluster.local]
                  - hosts: [./details.default.svc.cluster.local]
                """);

        assertThat(view(CLIENT).names(XdsType.ROUTE))
                .containsExactly("outbound|9080||ratings.default.svc.cluster.local");
        assertThat(view(SERVER).names(XdsType.ROUTE)).contains(REVIEWS);
    }

    @Test
    void onlyPortsThatMaySpeakHttpAreThere() {
        mesh.apply("""
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: ports, namespace: default}
                spec:
                  hosts: [ports.example.com]
                  resolution: STATIC
                  ports:
                  - {number: 80, name: grpc, protocol: GRPC}
                  - {number: 81, name: unknown}
                  - {number: 82, name: tcp, protocol: TCP}
                  - {number: 83, name: tls, protocol: TLS}
                  endpoints: [{address: 127.0.0.9}]
                ---
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: wild, namespace: default}
                spec:
                  hosts: ["*.wild.example.com"]
                  resolution: STATIC
                  ports: [{number: 80, name: grpc, protocol: GRPC}]
                  endpoints: [{address: 127.0.0.9}]
                """);

        assertThat(view(CLIENT).names(XdsType.LISTENER).stream().filter(name -> name.contains("example.com")))
                .containsExactly("ports.example.com:80", "ports.example.com:81");
    }

    @Test
    void aServerGetsAListenerForEachPortThatItsWorkloadServes() {
        Set<String> names = view(SERVER).names(XdsType.LISTENER);

        assertThat(names.stream().filter(name -> name.startsWith(INBOUND)))
                .containsExactlyInAnyOrder(
                        INBOUND + "0.0.0.0:9080",
                        INBOUND + "[::]:9080",
                        INBOUND + "127.0.0.1:9080",
                        INBOUND + "[::1]:9080");
        Listener listener = view(SERVER).listener(INBOUND + "[::]:9080");
        assertThat(listener.getAddress().getSocketAddress().getAddress()).isEqualTo("::");
        assertThat(listener.getAddress().getSocketAddress().getPortValue()).isEqualTo(9080);
        assertThat(view(CLIENT).names(XdsType.LISTENER)).noneMatch(name -> name.startsWith(INBOUND));
    }

    @Test
    void endpointsAreTheObjectsThatSidecarsHave() {
        IstioCompiler compiler = mesh.compiled();
        Compiled sidecar = new Compiled(
                compiler.view(Proxies.sidecar("productpage-v1", "127.0.20.11", InterceptionMode.REDIRECT)));
        Compiled client = new Compiled(compiler.view(CLIENT));

        assertThat(client.resources(XdsType.ENDPOINT).get(REVIEWS))
                .isSameAs(sidecar.resources(XdsType.ENDPOINT).get(REVIEWS));
    }

    @Test
    void clientsThatDifferInWhatTheyServeShareTheRest() {
        IstioCompiler compiler = mesh.compiled();
        ProxyView client = compiler.view(CLIENT);
        ProxyView server = compiler.view(SERVER);

        for (XdsType type : List.of(XdsType.CLUSTER, XdsType.ENDPOINT, XdsType.ROUTE)) {
            assertThat(server.resources().get(type)).isSameAs(client.resources().get(type));
        }
        assertThat(compiler.view(Proxies.grpc("default", "another", "10.7.0.3", Map.of()))
                        .resources())
                .isSameAs(client.resources());
    }

    @Test
    void anEndpointThatIsAPathIsLeftOut() {
        mesh.apply("""
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: paths, namespace: default}
                spec:
                  hosts: [paths.example.com]
                  resolution: STATIC
                  ports: [{number: 80, name: grpc, protocol: GRPC}]
                  endpoints: [{address: "unix:///run/one"}, {address: 127.0.0.9}]
                """);

        assertThat(view(CLIENT).endpoints("outbound|80||paths.example.com").getEndpointsList())
                .flatExtracting(group -> group.getLbEndpointsList())
                .extracting(endpoint ->
                        endpoint.getEndpoint().getAddress().getSocketAddress().getAddress())
                .containsExactly("127.0.0.9");
    }

    @Test
    void aServiceOfSeveralNamesCannotBeLookedUp() {
        String entry = """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: names, namespace: default}
                spec:
                  hosts: [names.example.com]
                  resolution: DNS
                  ports: [{number: 80, name: grpc, protocol: GRPC, targetPort: 8080}]
                  endpoints: [%s]
                """;
        String cluster = "outbound|80||names.example.com";
        mesh.apply(entry.formatted("{address: a.example.com}"));
        Message one = view(CLIENT).message(XdsType.CLUSTER, cluster);
        assertThat(((Cluster) one)
                        .getLoadAssignment()
                        .getEndpoints(0)
                        .getLbEndpoints(0)
                        .getEndpoint()
                        .getAddress()
                        .getSocketAddress())
                .satisfies(address -> {
                    assertThat(address.getAddress()).isEqualTo("a.example.com");
                    assertThat(address.getPortValue()).isEqualTo(8080);
                });

        mesh.apply(entry.formatted("{address: a.example.com}, {address: b.example.com}"));
        assertThat(view(CLIENT).names(XdsType.CLUSTER)).doesNotContain(cluster);
    }

    @Test
    void aChangeComputesWhatItTouches() {
        TestMesh large = TestMesh.mesh("large").withCluster("k8s-1");
        for (int i = 0; i < 50; i++) {
            large.withHttpService("k8s-1", "s" + i, 9080, "10.96.0." + i, Map.of("v1", "10.1.0." + i));
        }
        String route = """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: s0, namespace: default}
                spec:
                  hosts: [s0]
                  http: [{timeout: %ds, route: [{destination: {host: s1}}]}]
                """;
        IstioCompiler compiler = large.apply(route.formatted(1)).compiled();
        large.takeDelta();
        compiler.view(CLIENT);
        compiler.view(ELSEWHERE);

        // The merged routes; for each namespace the configuration, the map of all, and the view.
        assertThat(computations(compiler, large.apply(route.formatted(2)))).isLessThanOrEqualTo(1 + 2 * 3);
        // The endpoints, whether one is a path, the locality, the assignment; for each namespace the map and the view.
        assertThat(computations(compiler, large.withInstance("k8s-1", "s0", "v1", "10.2.0.1", 9080)))
                .isLessThanOrEqualTo(4 + 2 * 2);
    }

    private static long computations(IstioCompiler compiler, TestMesh mesh) {
        long before = compiler.computations();
        mesh.into(compiler);
        compiler.view(CLIENT);
        compiler.view(ELSEWHERE);
        return compiler.computations() - before;
    }
}
