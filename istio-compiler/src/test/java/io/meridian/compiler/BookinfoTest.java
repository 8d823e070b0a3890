package io.meridian.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.fixture.Bookinfo;
import io.meridian.compiler.fixture.Compiled;
import io.meridian.compiler.fixture.Proxies;
import io.meridian.compiler.fixture.TestMesh;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BookinfoTest {
    private static final Proxy INGRESS = Proxies.gateway("ingress-0", Map.of());
    private static final Proxy PRODUCTPAGE =
            Proxies.sidecar("productpage-v1", "127.0.20.11", InterceptionMode.REDIRECT);
    private static final Proxy BOUND_PRODUCTPAGE =
            Proxies.sidecar("productpage-v1", "127.0.20.11", InterceptionMode.NONE);

    private final TestMesh mesh = Bookinfo.mesh();

    private Compiled view(Proxy proxy) {
        return new Compiled(mesh.compiled().view(proxy));
    }

    @Test
    void theIngressListensOnTheContainerPortAndRoutesByTheVirtualService() {
        Compiled view = view(INGRESS);

        assertThat(view.names(XdsType.LISTENER)).containsExactly("0.0.0.0_8080");
        assertThat(view.names(XdsType.ROUTE)).containsExactly("http.8080");
        RouteConfiguration routes = view.routes("http.8080");
        assertThat(routes.getVirtualHostsList())
                .extracting(VirtualHost::getName)
                .containsExactly("*:80");
        assertThat(routes.getVirtualHosts(0).getRoutesList())
                .hasSize(3)
                .allSatisfy(route -> assertThat(route.getRoute().getCluster())
                        .isEqualTo("outbound|9080||productpage.default.svc.cluster.local"));
    }

    @Test
    void aServiceOfTwoClustersIsOneWithTheEndpointsOfBoth() {
        Compiled view = view(INGRESS);

        var all = view.endpoints("outbound|9080||reviews.default.svc.cluster.local");
        assertThat(all.getEndpoints(0).getLbEndpointsList())
                .extracting(endpoint ->
                        endpoint.getEndpoint().getAddress().getSocketAddress().getAddress())
                .containsExactly("127.0.20.14", "127.0.20.16", "127.0.20.15");
        assertThat(view.endpoints("outbound|9080|v2|reviews.default.svc.cluster.local")
                        .getEndpoints(0)
                        .getLbEndpointsCount())
                .isEqualTo(1);
    }

    @Test
    void subsetsInheritAndOverrideTheBalancing() {
        Compiled view = view(INGRESS);

        assertThat(view.cluster("outbound|9080|v1|reviews.default.svc.cluster.local")
                        .getLbPolicy())
                .isEqualTo(Cluster.LbPolicy.ROUND_ROBIN);
        assertThat(view.cluster("outbound|9080|v3|reviews.default.svc.cluster.local")
                        .getLbPolicy())
                .isEqualTo(Cluster.LbPolicy.LEAST_REQUEST);
    }

    @Test
    void aSidecarWithRedirectionHasIstiosListeners() {
        Compiled view = view(PRODUCTPAGE);

        assertThat(view.names(XdsType.LISTENER)).containsExactly("0.0.0.0_9080", "virtualInbound", "virtualOutbound");
        assertThat(view.names(XdsType.CLUSTER))
                .contains("inbound|9080||", "BlackHoleCluster", "PassthroughCluster", "InboundPassthroughCluster");
        assertThat(view.routes("9080").getVirtualHostsList())
                .extracting(VirtualHost::getName)
                .containsExactly(
                        "details.default.svc.cluster.local:9080",
                        "productpage.default.svc.cluster.local:9080",
                        "ratings.default.svc.cluster.local:9080",
                        "reviews.default.svc.cluster.local:9080",
                        "allow_any");
        assertThat(view.routes("9080").getVirtualHosts(0).getDomainsList())
                .containsExactly(
                        "details.default.svc.cluster.local",
                        "details.default.svc.cluster.local.",
                        "details",
                        "details.default.svc",
                        "details.default",
                        "10.97.0.12");
    }

    @Test
    void withoutRedirectionListenersAreBoundWhereTheSidecarResourceSays() {
        mesh.apply(Bookinfo.BOUND_SIDECAR);

        Compiled view = view(BOUND_PRODUCTPAGE);

        assertThat(view.names(XdsType.LISTENER)).containsExactly("127.0.20.111_9080", "127.0.20.11_9080");
        assertThat(view.names(XdsType.ROUTE)).containsExactly("9080");
        var inbound = view.cluster("inbound|9080||").getLoadAssignment().getEndpoints(0);
        assertThat(inbound.getLbEndpoints(0)
                        .getEndpoint()
                        .getAddress()
                        .getSocketAddress()
                        .getPortValue())
                .isEqualTo(15680);
    }

    @Test
    void withoutRedirectionAndSidecarResourceListenersAreAtLoopback() {
        Compiled view = view(BOUND_PRODUCTPAGE);

        assertThat(view.names(XdsType.LISTENER)).containsExactly("127.0.0.1_9080");
    }
}
