package io.meridian.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.fixture.Bookinfo;
import io.meridian.compiler.fixture.Compiled;
import io.meridian.compiler.fixture.Proxies;
import io.meridian.compiler.fixture.RealEnvoy;
import io.meridian.compiler.fixture.Scenarios;
import io.meridian.compiler.fixture.TestMesh;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is compiled, the real Envoy takes. */
class EnvoyAcceptsTest {
    static Stream<Arguments> everyScenarioAndProxy() {
        Map<String, TestMesh> meshes = Map.of(
                "bookinfo", Bookinfo.mesh(),
                "bookinfo with a Sidecar", Bookinfo.mesh().apply(Bookinfo.BOUND_SIDECAR),
                "everything", Scenarios.everything());
        Map<String, Proxy> proxies = Map.of(
                "ingress", Proxies.gateway("ingress-0", Map.of()),
                "redirected", Proxies.sidecar("productpage-v1", "127.0.20.11", InterceptionMode.REDIRECT),
                "transparent", Proxies.sidecar("reviews-v1", "127.0.20.14", InterceptionMode.TPROXY),
                "bound", Proxies.sidecar("productpage-v1", "127.0.20.11", InterceptionMode.NONE));
        return meshes.keySet().stream()
                .sorted()
                .flatMap(mesh -> proxies.keySet().stream()
                        .sorted()
                        .map(proxy -> Arguments.of(mesh, proxy, meshes.get(mesh), proxies.get(proxy))));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("everyScenarioAndProxy")
    void envoyAccepts(String meshName, String proxyName, TestMesh mesh, Proxy proxy) {
        RealEnvoy envoy = RealEnvoy.orSkip();

        assertThat(envoy.validate(new Compiled(mesh.compiled().view(proxy)))).isEmpty();
    }
}
