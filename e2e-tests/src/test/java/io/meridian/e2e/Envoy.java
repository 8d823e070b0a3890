package io.meridian.e2e;

import io.meridian.cli.demo.EnvoyBinary;
import io.meridian.cli.demo.EnvoyBootstrap;
import io.meridian.testsupport.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real Envoy that is an ingress gateway's proxy and knows nothing at its start but where to ask. */
final class Envoy implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final String node;

    private Envoy(Process process, Path log, String node) {
        this.process = process;
        this.log = log;
        this.node = node;
    }

    /** @param name unique in the mesh: each is another proxy */
    static Envoy ingress(Path folder, String name, String mesh, String cluster, String xds, boolean delta)
            throws IOException {
        String node = "router~127.0.0.1~" + name + ".istio-system~istio-system.svc.cluster.local";
        EnvoyBootstrap bootstrap = new EnvoyBootstrap(
                node,
                name + ".istio-system",
                Map.of(
                        "MESH_ID",
                        mesh,
                        "CLUSTER_ID",
                        cluster,
                        "NAME",
                        name,
                        "NAMESPACE",
                        "istio-system",
                        "LABELS",
                        Map.of("istio", "ingressgateway"),
                        "INSTANCE_IPS",
                        "127.0.0.1"),
                "local",
                "local-a",
                List.of(xds),
                Ports.free(),
                delta);
        Path config = Files.writeString(folder.resolve(name + ".json"), bootstrap.json());
        Path log = folder.resolve(name + ".envoy.log");
        Process process = new ProcessBuilder(
                        EnvoyBinary.locate().toString(),
                        "--config-path",
                        config.toString(),
                        "--disable-hot-restart",
                        "--concurrency",
                        "1",
                        "--log-level",
                        "warning")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new Envoy(process, log, node);
    }

    String node() {
        return node;
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
