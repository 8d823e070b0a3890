package io.meridian.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvoyBootstrapTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theRealEnvoyTakesIt(boolean delta) throws Exception {
        EnvoyBootstrap bootstrap = new EnvoyBootstrap(
                "sidecar~127.0.20.11~productpage-v1.default~default.svc.cluster.local",
                "productpage-v1.default",
                Map.of("MESH_ID", "bookinfo", "LABELS", Map.of("app", "productpage")),
                "eu",
                "eu-k8s-1",
                List.of("127.0.0.1:15180", "127.0.0.1:15181", "127.0.0.1:15182"),
                0,
                delta);
        Path config = Files.writeString(folder.resolve("envoy.json"), bootstrap.json());

        Process envoy = new ProcessBuilder(
                        EnvoyBinary.locate().toString(),
                        "--mode",
                        "validate",
                        "--disable-hot-restart",
                        "--concurrency",
                        "1",
                        "--config-path",
                        config.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(envoy.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(envoy.waitFor()).as(output).isZero();
        assertThat(output).contains("OK");
    }
}
