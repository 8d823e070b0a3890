package io.meridian.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.fixture.Proxies;
import io.meridian.compiler.fixture.TestMesh;
import io.meridian.model.resource.ResourceKey;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which object is to blame for a resource. */
class SourcesTest {
    private static final Proxy SIDECAR = Proxies.sidecar("a-v1", "10.0.0.1", InterceptionMode.REDIRECT);
    private static final Proxy INGRESS = Proxies.gateway("ingress-0", Map.of("istio", "ingressgateway"));

    private final TestMesh mesh = TestMesh.mesh("sources")
            .withCluster("k8s-1")
            .withHttpService("k8s-1", "a", 9080, "10.96.0.1", Map.of("v1", "10.0.0.1"))
            .withHttpService("k8s-1", "b", 9080, "10.96.0.2", Map.of("v1", "10.0.0.2"))
            .withHttpService("k8s-1", "c", 80, "10.96.0.3", Map.of("v1", "10.0.0.3"))
            .apply("""
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata: {name: a, namespace: default}
                    spec:
                      hosts: [a]
                      http: [{match: [{port: 9080}], delegate: {name: part}}]
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata: {name: part, namespace: default}
                    spec:
                      http: [{route: [{destination: {host: b}}]}]
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata: {name: c, namespace: default}
                    spec:
                      hosts: [c]
                      http: [{route: [{destination: {host: c}}]}]
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata: {name: entry, namespace: default}
                    spec:
                      hosts: [shop.example.com]
                      gateways: [gw]
                      http: [{route: [{destination: {host: c}}]}]
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: Gateway
                    metadata: {name: gw, namespace: default}
                    spec:
                      selector: {istio: ingressgateway}
                      servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: DestinationRule
                    metadata: {name: b, namespace: default}
                    spec:
                      host: b
                      trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x}}}
                    ---
                    apiVersion: networking.istio.io/v1
                    kind: ServiceEntry
                    metadata: {name: ext, namespace: default}
                    spec:
                      hosts: [ext.example.com]
                      ports: [{number: 443, name: tls, protocol: TLS}]
                      resolution: DNS
                    """);
    private final IstioCompiler compiler = mesh.compiled();

    private Set<String> sources(Proxy proxy, XdsType type, String name) {
        assertThat(compiler.view(proxy).resources().get(type)).containsKey(name);
        return compiler.sources(proxy, type, name).stream()
                .map(key -> key.kind() + " " + key.namespace() + "/" + key.name())
                .collect(Collectors.toSet());
    }

    @Test
    void aRouteConfigurationIsMadeOfTheVirtualServicesInItAndWhatTheyAsked() {
        assertThat(sources(SIDECAR, XdsType.ROUTE, "9080"))
                .containsExactlyInAnyOrder(
                        "VirtualService default/a", "VirtualService default/part", "DestinationRule default/b");
        assertThat(sources(SIDECAR, XdsType.ROUTE, "80")).containsExactly("VirtualService default/c");
    }

    @Test
    void aGatewaysResourcesAreMadeOfItToo() {
        assertThat(sources(INGRESS, XdsType.ROUTE, "http.80"))
                .containsExactlyInAnyOrder("VirtualService default/entry", "Gateway default/gw");
        assertThat(sources(INGRESS, XdsType.LISTENER, "0.0.0.0_80")).containsExactly("Gateway default/gw");
    }

    @Test
    void aClusterIsMadeOfItsRulesAndEntries() {
        assertThat(sources(SIDECAR, XdsType.CLUSTER, "outbound|9080||b.default.svc.cluster.local"))
                .containsExactly("DestinationRule default/b");
        assertThat(sources(SIDECAR, XdsType.CLUSTER, "outbound|443||ext.example.com"))
                .containsExactly("ServiceEntry default/ext");
    }

    @Test
    void inventoryAloneIsNobodysWord() {
        assertThat(sources(SIDECAR, XdsType.CLUSTER, "outbound|9080||a.default.svc.cluster.local"))
                .isEmpty();
        assertThat(sources(SIDECAR, XdsType.ENDPOINT, "outbound|9080||a.default.svc.cluster.local"))
                .isEmpty();
        assertThat(sources(SIDECAR, XdsType.LISTENER, "virtualInbound")).isEmpty();
    }

    @Test
    void aSidecarResourceCountsWhereItSaysWhatThereIs() {
        mesh.apply("""
                apiVersion: networking.istio.io/v1
                kind: Sidecar
                metadata: {name: s, namespace: default}
                spec:
                  ingress: [{port: {number: 9080, name: http, protocol: HTTP}, defaultEndpoint: '127.0.0.1:1'}]
                  egress: [{hosts: ['./c.default.svc.cluster.local']}]
                """).into(compiler);

        assertThat(sources(SIDECAR, XdsType.LISTENER, "virtualInbound")).containsExactly("Sidecar default/s");
        assertThat(sources(SIDECAR, XdsType.CLUSTER, "inbound|9080||")).containsExactly("Sidecar default/s");
        assertThat(sources(SIDECAR, XdsType.ROUTE, "80"))
                .containsExactlyInAnyOrder("Sidecar default/s", "VirtualService default/c");
    }

    @Test
    void theAnswerIsThatOfTheLastImage() {
        assertThat(sources(SIDECAR, XdsType.ROUTE, "80")).contains("VirtualService default/c");

        mesh.delete("VirtualService", "default", "c").into(compiler);

        assertThat(sources(SIDECAR, XdsType.ROUTE, "80")).doesNotContain("VirtualService default/c");
    }

    @Test
    void whatIsNotThereHasNoSources() {
        assertThat(Arrays.stream(XdsType.values())
                        .map(type -> compiler.sources(SIDECAR, type, "nothing"))
                        .flatMap(Set<ResourceKey>::stream))
                .isEmpty();
    }
}
