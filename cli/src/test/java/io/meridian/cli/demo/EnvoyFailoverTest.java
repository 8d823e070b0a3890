package io.meridian.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvoyFailoverTest {
    /** Generous: on a busy machine Envoy alone may take seconds to start. Reconnecting takes one or two. */
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aProxyGoesToTheNextRegionWhenItsOwnIsLost(boolean delta) throws Exception {
        try (FakeXds first = new FakeXds(0);
                FakeXds second = new FakeXds(0);
                FakeXds third = new FakeXds(0)) {
            Process envoy = start(List.of(first.address(), second.address(), third.address()), delta);
            try {
                await(() -> first.openStreams() == 1);
                assertThat(second.openStreams() + third.openStreams()).isZero();

                first.crash();
                await(() -> second.openStreams() == 1);
                assertThat(third.openStreams()).isZero();

                second.crash();
                await(() -> third.openStreams() == 1);

                try (FakeXds firstAgain = new FakeXds(first.port())) {
                    third.crash();
                    await(() -> firstAgain.openStreams() == 1);
                }
            } finally {
                envoy.destroyForcibly().waitFor();
            }
        }
    }

    private Process start(List<String> xds, boolean delta) throws Exception {
        EnvoyBootstrap bootstrap = new EnvoyBootstrap(
                "router~127.0.20.2~ingressgateway.istio-system~istio-system.svc.cluster.local",
                "ingressgateway.istio-system",
                Map.of("MESH_ID", "bookinfo"),
                "eu",
                "eu-k8s-1",
                xds,
                0,
                delta);
        Path config = Files.writeString(folder.resolve("envoy.json"), bootstrap.json());
        return new ProcessBuilder(
                        EnvoyBinary.locate().toString(),
                        "--disable-hot-restart",
                        "--concurrency",
                        "1",
                        "--config-path",
                        config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("envoy.log").toFile())
                .start();
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            LockSupport.parkNanos(20_000_000);
        }
    }
}
