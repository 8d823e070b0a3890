package io.meridian.benchmarks;

import io.meridian.cli.demo.EnvoyBootstrap;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A real Envoy that takes everything from the gateway that is measured, and its own count of what it accepted. Blocks. */
final class XdsEnvoy implements AutoCloseable {
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Process process;
    private final Path folder;
    private final HttpClient http = HttpClient.newHttpClient();
    private final String admin;

    private XdsEnvoy(Process process, Path folder, String admin) {
        this.process = process;
        this.folder = folder;
        this.admin = admin;
    }

    /** Returns once it has its first routes. */
    static XdsEnvoy start(Path binary, String xds, String mesh) throws IOException {
        Path folder = Files.createTempDirectory("meridian-bench-envoy");
        Path address = folder.resolve("admin");
        EnvoyBootstrap bootstrap = new EnvoyBootstrap(
                "sidecar~10.199.0.1~envoy.default~default.svc.cluster.local",
                "bench",
                Map.of("MESH_ID", mesh, "NAMESPACE", "default", "CLUSTER_ID", "k8s-1", "INTERCEPTION_MODE", "NONE"),
                "",
                "",
                List.of(xds),
                0,
                true);
        Process process = new ProcessBuilder(
                        binary.toString(),
                        "--config-path",
                        Files.writeString(folder.resolve("bootstrap.json"), bootstrap.json())
                                .toString(),
                        "--admin-address-path",
                        address.toString(),
                        "--disable-hot-restart",
                        "--concurrency",
                        "1",
                        "--log-level",
                        "warn")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        long start = System.nanoTime();
        while (!Files.exists(address) || Files.size(address) == 0) {
            if (!process.isAlive() || System.nanoTime() - start > TIMEOUT_NANOS) {
                throw new IllegalStateException("Envoy does not start: " + Files.readString(folder.resolve("log")));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        XdsEnvoy envoy = new XdsEnvoy(process, folder, Files.readString(address).trim());
        envoy.awaitRouteUpdate(0);
        return envoy;
    }

    /** How many route configurations it has accepted. */
    long routeUpdates() {
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create(
                                    "http://" + admin + "/stats?filter=rds." + Workload.PORT + ".config_reload$"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.body()
                    .lines()
                    .filter(line -> line.contains(".config_reload:"))
                    .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        } catch (IOException e) {
            throw new IllegalStateException("Envoy's admin does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Waits until there are more than that; System.nanoTime then. */
    long awaitRouteUpdate(long before) {
        long start = System.nanoTime();
        while (routeUpdates() <= before) {
            if (System.nanoTime() - start > TIMEOUT_NANOS) {
                throw new IllegalStateException("Envoy does not accept the routes; see " + folder);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
        return System.nanoTime();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
