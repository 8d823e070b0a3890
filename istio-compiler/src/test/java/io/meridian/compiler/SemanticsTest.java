package io.meridian.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.InventoryWorkload;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.fixture.Bookinfo;
import io.meridian.compiler.fixture.Compiled;
import io.meridian.compiler.fixture.Proxies;
import io.meridian.compiler.fixture.Scenarios;
import io.meridian.compiler.fixture.TestMesh;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What Istio's resources mean for a proxy, one rule a test. */
class SemanticsTest {
    private static final Proxy INGRESS = Proxies.gateway("ingress-0", Map.of());
    private static final Proxy SIDECAR = Proxies.sidecar("reviews-v1", "127.0.20.14", InterceptionMode.REDIRECT);
    private static final Proxy ELSEWHERE =
            Proxies.sidecar("k8s-1", "elsewhere", "x", "10.7.0.1", Map.of("app", "x"), InterceptionMode.REDIRECT);
    private static final String REVIEWS = "outbound|9080||reviews.default.svc.cluster.local";

    private final TestMesh mesh = Bookinfo.mesh();

    private Compiled view(Proxy proxy) {
        return new Compiled(mesh.compiled().view(proxy));
    }

    private static List<String> hosts(Compiled view, String routes) {
        return view.routes(routes).getVirtualHostsList().stream()
                .map(VirtualHost::getName)
                .toList();
    }

    private static List<String> addresses(Compiled view, String cluster) {
        return view.endpoints(cluster).getEndpointsList().stream()
                .flatMap(locality -> locality.getLbEndpointsList().stream())
                .map(endpoint ->
                        endpoint.getEndpoint().getAddress().getSocketAddress().getAddress())
                .toList();
    }

    @Test
    void drainingAndUnreadyWorkloadsGetNoTraffic() {
        for (var state : List.of(InventoryWorkload.State.DRAINING, InventoryWorkload.State.NOT_READY)) {
            mesh.withWorkload(
                    "k8s-1",
                    InventoryWorkload.newBuilder()
                            .setNamespace("default")
                            .setName("reviews-v1")
                            .addAddresses("127.0.20.14")
                            .setState(state)
                            .build());

            assertThat(addresses(view(INGRESS), REVIEWS)).containsExactly("127.0.20.16", "127.0.20.15");
        }
    }

    @Test
    void aClusterThatLeftTheMeshTakesItsEndpointsAlong() {
        mesh.withoutCluster("vm-1");

        assertThat(addresses(view(INGRESS), REVIEWS)).containsExactly("127.0.20.14", "127.0.20.16");
        assertThat(view(INGRESS).names(XdsType.CLUSTER)).noneMatch(name -> name.contains("ratings"));
    }

    @Test
    void unknownHostsAreRefusedWhereOnlyTheRegistryCounts() {
        mesh.withSpec(spec -> spec.toBuilder()
                .setOutboundTrafficPolicy(MeshSpec.OutboundTrafficPolicy.REGISTRY_ONLY)
                .build());

        VirtualHost last = view(SIDECAR).routes("9080").getVirtualHostsList().getLast();

        assertThat(last.getName()).isEqualTo("block_all");
        assertThat(last.getRoutes(0).getDirectResponse().getStatus()).isEqualTo(502);
    }

    @Test
    void aPortWithoutRoutesAnswers404() {
        mesh.delete("VirtualService", "default", "bookinfo");

        Compiled view = view(INGRESS);

        assertThat(hosts(view, "http.8080")).containsExactly("blackhole:80");
        assertThat(view.routes("http.8080").getVirtualHosts(0).getRoutesCount()).isZero();
    }

    @Test
    void aGatewayThatSelectsOthersMakesNoListener() {
        mesh.withoutIngressGateway("ingress");

        assertThat(view(INGRESS).names(XdsType.LISTENER)).isEmpty();
    }

    @Test
    void ofTwoVirtualServicesForAHostTheOldestWins() {
        mesh.apply("""
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: a-younger-one, namespace: default}
                spec:
                  hosts: [reviews]
                  http: [{route: [{destination: {host: ratings}}]}]
                """);

        var routes = view(SIDECAR).routes("9080").getVirtualHostsList().stream()
                .filter(host -> host.getName().startsWith("reviews"))
                .findFirst()
                .orElseThrow()
                .getRoutesList();

        assertThat(routes).hasSize(2);
    }

    @Test
    void aSidecarNarrowsWhatItsNamespaceReaches() {
        mesh.apply("""
                apiVersion: networking.istio.io/v1
                kind: Sidecar
                metadata: {name: narrow, namespace: default}
                spec:
                  egress:
                  - hosts: ["./ratings.default.svc.cluster.local"]
                """);

        Compiled view = view(SIDECAR);

        assertThat(hosts(view, "9080")).containsExactly("ratings.default.svc.cluster.local:9080", "allow_any");
        assertThat(view.names(XdsType.CLUSTER)).noneMatch(name -> name.contains("details"));
        assertThat(hosts(view(ELSEWHERE), "9080")).hasSize(5);
    }

    @Test
    void aSidecarOfTheRootNamespaceCountsWhereThereIsNoOther() {
        mesh.apply("""
                apiVersion: networking.istio.io/v1
                kind: Sidecar
                metadata: {name: default, namespace: istio-system}
                spec:
                  egress:
                  - hosts: ["default/details.default.svc.cluster.local"]
                """);

        assertThat(hosts(view(ELSEWHERE), "9080"))
                .containsExactly("details.default.svc.cluster.local:9080", "allow_any");
    }

    @Test
    void exportToHidesServicesRoutesAndRules() {
        mesh.apply("""
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: hidden, namespace: default}
                spec:
                  hosts: [hidden.example.com]
                  exportTo: ["."]
                  resolution: DNS
                  ports: [{number: 9080, name: http, protocol: HTTP}]
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: details, namespace: default}
                spec:
                  hosts: [details]
                  exportTo: ["."]
                  http: [{directResponse: {status: 418}}]
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: details, namespace: default}
                spec:
                  host: details
                  exportTo: ["."]
                  trafficPolicy: {loadBalancer: {simple: RANDOM}}
                """);
        String details = "outbound|9080||details.default.svc.cluster.local";

        assertThat(hosts(view(SIDECAR), "9080")).contains("hidden.example.com:9080");
        assertThat(hosts(view(ELSEWHERE), "9080")).doesNotContain("hidden.example.com:9080");
        assertThat(view(SIDECAR).routes("9080").getVirtualHosts(0).getRoutes(0).hasDirectResponse())
                .isTrue();
        assertThat(view(ELSEWHERE)
                        .routes("9080")
                        .getVirtualHosts(0)
                        .getRoutes(0)
                        .hasDirectResponse())
                .isFalse();
        assertThat(view(SIDECAR).cluster(details).getLbPolicy()).isEqualTo(Cluster.LbPolicy.RANDOM);
        assertThat(view(ELSEWHERE).cluster(details).getLbPolicy()).isEqualTo(Cluster.LbPolicy.ROUND_ROBIN);
    }

    @Test
    void fromAnotherNamespaceTheShortNameIsNotEnough() {
        assertThat(view(ELSEWHERE).routes("9080").getVirtualHosts(0).getDomainsList())
                .containsExactly(
                        "details.default.svc.cluster.local",
                        "details.default.svc.cluster.local.",
                        "details.default.svc",
                        "details.default",
                        "10.97.0.12");
    }

    @Test
    void serviceEntriesResolveAsTheySay() {
        Compiled view = new Compiled(Scenarios.everything().compiled().view(SIDECAR));

        assertThat(view.cluster("outbound|80||books.example.com").getType()).isEqualTo(Cluster.DiscoveryType.EDS);
        assertThat(view.cluster("outbound|443||api.example.com").getType()).isEqualTo(Cluster.DiscoveryType.STRICT_DNS);
        assertThat(view.cluster("outbound|443||other.example.com").getType())
                .isEqualTo(Cluster.DiscoveryType.LOGICAL_DNS);
        assertThat(view.cluster("outbound|5432||*.example.org").getType())
                .isEqualTo(Cluster.DiscoveryType.ORIGINAL_DST);
        assertThat(addresses(view, "outbound|8000||machines.default.svc.cluster.local"))
                .containsExactly("10.9.0.1");
    }

    @Test
    void portsThatAreNotHttpHaveListenersOfTheirOwn() {
        Compiled view = new Compiled(Scenarios.everything().compiled().view(SIDECAR));

        assertThat(view.names(XdsType.LISTENER))
                .contains("10.96.0.30_3306", "10.96.0.30_7000", "0.0.0.0_7001", "0.0.0.0_443", "0.0.0.0_5432");
        assertThat(view.names(XdsType.ROUTE)).contains("mysql.default.svc.cluster.local:7000", "7001", "80", "9080");
    }

    @Test
    void aHostThatOnlyAVirtualServiceKnowsIsRoutedAtPort80() {
        Compiled view = new Compiled(Scenarios.everything().compiled().view(SIDECAR));

        assertThat(hosts(view, "80")).contains("virtual.example.net:80");
    }

    @Test
    void clientsPreferTheNearestWhereUnhealthyOnesAreDetected() {
        mesh.withCluster("k8s-1", ClusterSpec.newBuilder().setRegion("eu").build())
                .withCluster("vm-1", ClusterSpec.newBuilder().setRegion("us").build())
                .apply("""
                        apiVersion: networking.istio.io/v1
                        kind: DestinationRule
                        metadata: {name: reviews, namespace: default}
                        spec:
                          host: reviews
                          trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3}}
                        """);

        assertThat(view(SIDECAR).endpoints(REVIEWS).getEndpointsList())
                .extracting(locality -> locality.getLocality().getRegion(), LocalityLbEndpoints::getPriority)
                .containsExactly(tuple("eu", 0), tuple("us", 1));
    }

    @Test
    void aServiceAtAPortOfTheProxyItselfHasNoListener() {
        mesh.withHttpService("k8s-1", "odd", 15001, "10.96.0.40", Map.of());

        assertThat(view(SIDECAR).names(XdsType.LISTENER)).doesNotContain("0.0.0.0_15001");
    }

    @Test
    void trimForgetsWhatNobodyAskedForSince() {
        IstioCompiler compiler = mesh.compiled();
        compiler.view(SIDECAR);
        compiler.trim();
        int one = compiler.graphSize();
        compiler.view(SIDECAR);
        compiler.view(ELSEWHERE);
        compiler.view(INGRESS);
        compiler.trim();
        assertThat(compiler.graphSize()).isGreaterThan(one);

        compiler.view(SIDECAR);
        compiler.trim();

        assertThat(compiler.graphSize()).isEqualTo(one);
    }
}
