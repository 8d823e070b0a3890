package io.meridian.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.IngressGatewaySpec.PortMapping;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.fixture.Bookinfo;
import io.meridian.compiler.fixture.Compiled;
import io.meridian.compiler.fixture.NastyInput;
import io.meridian.compiler.fixture.Proxies;
import io.meridian.compiler.fixture.RealEnvoy;
import io.meridian.compiler.fixture.TestMesh;
import io.meridian.model.envoy.CommandOperators;
import io.meridian.model.istio.IstioRules;
import io.meridian.model.manifest.Manifest;
import io.meridian.model.manifest.ManifestReader;
import io.meridian.model.mesh.MeshCommand;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is not refused on admission loads in Envoy: one text that a proxy refuses would keep all of its updates from it. */
class NastyInputTest {
    private static final Map<String, Proxy> PROXIES = new TreeMap<>(Map.of(
            "ingress", Proxies.gateway("ingress-0", Map.of()),
            "redirected", Proxies.sidecar("productpage-v1", "127.0.20.11", InterceptionMode.REDIRECT),
            "bound", Proxies.sidecar("productpage-v1", "127.0.20.11", InterceptionMode.NONE)));

    private final RealEnvoy envoy = RealEnvoy.orSkip();

    private static TestMesh mesh() {
        return Bookinfo.mesh()
                .withIngressGateway(
                        "ingress",
                        IngressGatewaySpec.newBuilder()
                                .setCluster("k8s-1")
                                .addPorts(port("http", 80, 8080))
                                .addPorts(port("https", 443, 8443))
                                .addPorts(port("tcp", 3306, 3306))
                                .build());
    }

    private static PortMapping port(String name, int service, int container) {
        return PortMapping.newBuilder()
                .setName(name)
                .setServicePort(service)
                .setContainerPort(container)
                .build();
    }

    /** As the admin API asks. */
    private static boolean isAdmitted(String yaml) {
        Manifest manifest = ManifestReader.read("nasty.yaml", yaml.getBytes(StandardCharsets.UTF_8), "default");
        assertThat(manifest.violations()).as(yaml).isEmpty();
        IstioRules rules = new IstioRules();
        return manifest.puts().stream()
                .allMatch(put -> rules.violations((MeshCommand.Put) put).isEmpty());
    }

    private List<String> complaints(TestMesh mesh, String about) {
        List<String> complaints = new ArrayList<>();
        IstioCompiler compiler = mesh.compiled();
        PROXIES.forEach((name, proxy) -> complaint(compiler, proxy)
                .ifPresent(text -> complaints.add("as " + name + ": " + text + "\n" + about)));
        return complaints;
    }

    private Optional<String> complaint(IstioCompiler compiler, Proxy proxy) {
        try {
            return envoy.validate(new Compiled(compiler.view(proxy)));
        } catch (RuntimeException | AssertionError e) {
            return Optional.of("not compiled: " + e);
        }
    }

    @Test
    void envoyTakesEveryCommandOperatorThatIsAdmitted() {
        String format = CommandOperators.examples().stream()
                .peek(example -> assertThat(CommandOperators.problem(example))
                        .as(example)
                        .isEmpty())
                .collect(Collectors.joining(" ", "100%% ", "\n"));
        TestMesh logging = mesh().withSpec(spec -> spec.toBuilder()
                .setAccessLog(MeshSpec.AccessLog.newBuilder().setEnabled(true).setFormat(format))
                .build());

        assertThat(complaints(logging, format)).isEmpty();
    }

    @Test
    void envoyTakesAllThatIsAdmitted() {
        TestMesh together = mesh();
        List<String> admitted =
                NastyInput.all().stream().filter(NastyInputTest::isAdmitted).toList();
        admitted.forEach(together::apply);

        // One start of Envoy per proxy as long as all is well; one per object to find the culprits.
        List<String> found = new ArrayList<>(complaints(together, "all of them together"));
        if (!found.isEmpty()) {
            admitted.forEach(yaml -> found.addAll(complaints(mesh().apply(yaml), yaml)));
        }
        assertThat(found).isEmpty();
        assertThat(admitted).hasSizeGreaterThan(50);
    }
}
