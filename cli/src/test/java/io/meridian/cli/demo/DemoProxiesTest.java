package io.meridian.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.meridian.cli.demo.BookinfoInventory.Workload;
import io.meridian.cli.demo.DemoLayout.Sidecar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoProxiesTest {
    @TempDir
    private Path data;

    private DemoLayout layout;
    private List<Workload> workloads;
    private DemoProxies proxies;

    @BeforeEach
    void layOut() {
        layout = DemoLayout.choose(data, Examples.bookinfo());
        workloads = BookinfoInventory.read(Examples.bookinfo(), layout.block()).workloads();
        proxies = new DemoProxies(layout);
    }

    @Test
    void proxiesSayWhoTheyAreAsIstiosDo() throws IOException {
        Sidecar reviews = layout.sidecars().stream()
                .filter(sidecar -> sidecar.proxy().name().equals("reviews-v2"))
                .findFirst()
                .orElseThrow();
        JsonNode node = node(proxies.sidecar(reviews, DemoProxies.workload(workloads, "reviews-v2")));

        assertThat(node.path("id").asText())
                .isEqualTo("sidecar~" + layout.block() + "15~reviews-v2.default~default.svc.cluster.local");
        JsonNode metadata = node.path("metadata");
        assertThat(metadata.path("MESH_ID").asText()).isEqualTo("bookinfo");
        assertThat(metadata.path("CLUSTER_ID").asText()).isEqualTo("vm-1");
        assertThat(metadata.path("NAMESPACE").asText()).isEqualTo("default");
        assertThat(metadata.path("INTERCEPTION_MODE").asText()).isEqualTo("NONE");
        assertThat(metadata.path("LABELS").path("version").asText()).isEqualTo("v2");
        assertThat(metadata.path("SERVICE_ACCOUNT").asText()).isEqualTo("bookinfo-reviews");

        JsonNode ingress = node(proxies.ingress());
        assertThat(ingress.path("id").asText()).startsWith("router~").contains("~ingressgateway.istio-system~");
        assertThat(ingress.path("metadata").path("LABELS").path("istio").asText())
                .isEqualTo("ingressgateway");
    }

    @Test
    void aProxyPrefersItsOwnRegionAndKnowsTheOthers() {
        Sidecar second = layout.sidecars().getFirst();
        assertThat(second.proxy().region()).isEqualTo("us-1");

        assertThat(proxies.sidecar(second, workloads.getFirst()).xdsAddresses())
                .containsExactly(
                        layout.region("us-1").xdsAddress(),
                        layout.region("ap-1").xdsAddress(),
                        layout.region("eu-1").xdsAddress());
    }

    @Test
    void eachWorkloadHasASidecarResourceOfItsOwn() throws IOException {
        List<JsonNode> resources = new YAMLMapper()
                .readerFor(JsonNode.class)
                .<JsonNode>readValues(proxies.sidecarResources(workloads))
                .readAll();

        assertThat(resources).hasSize(6).allSatisfy(resource -> {
            assertThat(resource.path("kind").asText()).isEqualTo("Sidecar");
            Sidecar sidecar = layout.sidecars().stream()
                    .filter(found -> found.proxy()
                            .name()
                            .equals(resource.path("metadata").path("name").asText()))
                    .findFirst()
                    .orElseThrow();
            JsonNode ingress = resource.path("spec").path("ingress").path(0);
            assertThat(ingress.path("bind").asText()).isEqualTo(sidecar.proxy().address());
            assertThat(ingress.path("port").path("number").asInt()).isEqualTo(9080);
            assertThat(ingress.path("defaultEndpoint").asText()).isEqualTo("127.0.0.1:" + sidecar.appPort());
            assertThat(resource.path("spec").path("egress").path(0).path("bind").asText())
                    .isEqualTo(sidecar.egress());
        });
    }

    private static JsonNode node(EnvoyBootstrap bootstrap) throws IOException {
        return new ObjectMapper().readTree(bootstrap.json()).path("node");
    }
}
