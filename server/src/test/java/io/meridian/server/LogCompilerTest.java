package io.meridian.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.compiler.IstioCompiler;
import io.meridian.compiler.MeshCompiler;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.core.ProxyDirectory.ConfigQuery;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.image.MeshImage;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.MeshId;
import io.meridian.model.resource.ResourceKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LogCompilerTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final ProxyStatus PROXY = ProxyStatus.newBuilder()
            .setNode("sidecar~10.0.0.1~a.default~default.svc.cluster.local")
            .setType("SIDECAR")
            .setCluster("k8s-1")
            .setDescription(ProxyStatus.NodeDescription.newBuilder()
                    .addAddresses("10.0.0.1")
                    .setName("a")
                    .setNamespace("default")
                    .setDomain("default.svc.cluster.local")
                    .setInterceptionMode("REDIRECT"))
            .build();

    private final MeshFixture mesh = MeshFixture.mesh("bookinfo");

    private MeshState entry(String host) {
        mesh.accept(new MeshCommand.ApplyResources(List.of(MeshFixture.put(
                new ResourceKey("networking.istio.io", "ServiceEntry", "default", "outside"),
                "{\"hosts\":[\"%s\"],\"location\":\"MESH_EXTERNAL\",\"ports\":[{\"name\":\"http\",\"number\":80,\"protocol\":\"HTTP\"}],\"resolution\":\"DNS\"}"
                        .formatted(host)))));
        return mesh.state();
    }

    private static List<ServedResource> compile(MeshState state, String... types) {
        return new LogCompiler()
                .compile(
                        state,
                        Map.of(),
                        PROXY,
                        new ConfigQuery(MESH, PROXY.getNode(), List.of(types), ""),
                        Duration.ofSeconds(10));
    }

    @Test
    void anEarlierStateIsCompiledToTheVersionsThatWereServedThen() {
        MeshState first = entry("one.example");
        MeshState second = entry("two.example");
        // As a gateway does it: one compiler, from state to state.
        MeshCompiler gateway = new IstioCompiler(MESH);
        MeshImage.Step step = MeshImage.empty(MESH).replaceState(first);
        gateway.update(step.image(), step.delta());
        Map<String, String> servedFirst = versions(gateway);
        MeshImage.Step next = step.image().replaceState(second);
        gateway.update(next.image(), next.delta());
        Map<String, String> servedSecond = versions(gateway);

        assertThat(servedFirst).isNotEqualTo(servedSecond);
        assertThat(versions(compile(first, "CDS"))).isEqualTo(servedFirst);
        assertThat(versions(compile(second, "CDS"))).isEqualTo(servedSecond);
        assertThat(compile(first, "CDS"))
                .anySatisfy(resource ->
                        assertThat(resource.getJson().toStringUtf8()).contains("one.example"));
        assertThat(compile(first, "RDS"))
                .isNotEmpty()
                .allSatisfy(resource -> assertThat(resource.getType()).isEqualTo("RDS"));
    }

    @Test
    void aProxyThatWasNotDescribedIsRefused() {
        assertThatThrownBy(() -> new LogCompiler()
                        .compile(
                                mesh.state(),
                                Map.of(),
                                PROXY.toBuilder().clearDescription().build(),
                                new ConfigQuery(MESH, "a", List.of(), ""),
                                Duration.ofSeconds(1)))
                .hasMessageContaining("does not tell how the proxy described itself");
    }

    private static Map<String, String> versions(MeshCompiler compiler) {
        Proxy proxy = new Proxy(
                PROXY.getNode(),
                Proxy.Type.SIDECAR,
                List.of("10.0.0.1"),
                "a",
                "default",
                "default.svc.cluster.local",
                "k8s-1",
                "",
                "",
                Map.of(),
                Proxy.InterceptionMode.REDIRECT,
                "",
                "");
        return Objects.requireNonNull(compiler.view(proxy).resources().get(XdsType.CLUSTER), "a view has all types")
                .values()
                .stream()
                .collect(Collectors.toMap(XdsResource::name, XdsResource::version));
    }

    private static Map<String, String> versions(List<ServedResource> resources) {
        return resources.stream().collect(Collectors.toMap(ServedResource::getName, ServedResource::getVersion));
    }
}
