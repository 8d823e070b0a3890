package io.meridian.benchmarks;

import com.sun.net.httpserver.HttpServer;
import io.meridian.cli.demo.EnvoyBinary;
import io.meridian.cli.demo.EnvoyBootstrap;
import io.meridian.testsupport.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Requests through a real Envoy that takes its configuration of a mesh from any of the regions, at a steady rate, and how many of them fail. */
final class ProxyFetches implements AutoCloseable {
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final String CLUSTER = "local-1";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final HttpServer backend;
    private final Process envoy;
    private final URI url;
    private final Thread fetcher;
    private final AtomicLong succeeded = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private volatile boolean stop;

    private ProxyFetches(HttpServer backend, Process envoy, URI url) {
        this.backend = backend;
        this.envoy = envoy;
        this.url = url;
        fetcher = Thread.ofVirtual().name("fetcher").unstarted(this::run);
    }

    /**
     * Returns once the proxy serves.
     *
     * @param mesh is there already, without mTLS
     * @param xds addresses of gateways, the preferred first
     */
    static ProxyFetches start(Product product, String mesh, List<String> xds, Path folder)
            throws IOException, InterruptedException {
        HttpServer backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        backend.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        backend.start();
        int port = Ports.free();
        Files.createDirectories(folder);
        product.run("cluster", "add", CLUSTER, "--mesh", mesh, "--type", "self-managed");
        product.run("gateway", "deploy", "edge", "--mesh", mesh, "--cluster", CLUSTER, "--port", "http:80:" + port);
        product.run(
                "inventory",
                "apply",
                "--mesh",
                mesh,
                "--cluster",
                CLUSTER,
                "-f",
                Files.writeString(
                                folder.resolve("inventory.yaml"),
                                inventory(backend.getAddress().getPort()))
                        .toString());
        product.run(
                "apply",
                "--mesh",
                mesh,
                "-f",
                Files.writeString(folder.resolve("routes.yaml"), ROUTES).toString());
        EnvoyBootstrap bootstrap = new EnvoyBootstrap(
                "router~127.0.0.1~edge.istio-system~istio-system.svc.cluster.local",
                "edge.istio-system",
                Map.of(
                        "MESH_ID",
                        mesh,
                        "CLUSTER_ID",
                        CLUSTER,
                        "NAME",
                        "edge",
                        "NAMESPACE",
                        "istio-system",
                        "LABELS",
                        Map.of("istio", "ingressgateway"),
                        "INSTANCE_IPS",
                        "127.0.0.1"),
                "local",
                "local-a",
                xds,
                Ports.free(),
                true);
        Process envoy = new ProcessBuilder(
                        EnvoyBinary.locate().toString(),
                        "--config-path",
                        Files.writeString(folder.resolve("envoy.json"), bootstrap.json())
                                .toString(),
                        "--disable-hot-restart",
                        "--concurrency",
                        "1",
                        "--log-level",
                        "warning")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("envoy.log").toFile())
                .start();
        ProxyFetches fetches = new ProxyFetches(backend, envoy, URI.create("http://127.0.0.1:" + port + "/"));
        try {
            Await.until("the proxy serves", fetches::fetch);
        } catch (IllegalStateException e) {
            fetches.end();
            throw new IllegalStateException(Files.readString(folder.resolve("envoy.log")), e);
        }
        fetches.fetcher.start();
        return fetches;
    }

    private boolean fetch() {
        try {
            return http.send(
                                    HttpRequest.newBuilder(url).timeout(TIMEOUT).build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void run() {
        long due = System.nanoTime();
        while (!stop) {
            (fetch() ? succeeded : failed).incrementAndGet();
            due = Math.max(due + PERIOD_NANOS, System.nanoTime());
            LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    void tell(Scoreboard scoreboard) {
        scoreboard.add(
                "requests through a real Envoy meanwhile",
                failed.get() + " of " + (succeeded.get() + failed.get()) + " failed",
                "0 failed",
                failed.get() == 0);
    }

    private void end() {
        envoy.destroyForcibly().onExit().join();
        backend.stop(0);
        http.close();
    }

    @Override
    public void close() {
        stop = true;
        try {
            fetcher.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end();
    }

    private static String inventory(int port) {
        return """
                objects:
                  - service: {namespace: default, name: shop, ports: [{name: http, port: 80}]}
                  - workload: {namespace: default, name: shop-1, addresses: [127.0.0.1], state: READY}
                  - endpoint: {namespace: default, service: shop, workload: shop-1, ports: {http: %d}}
                """.formatted(port);
    }

    private static final String ROUTES = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              selector: {istio: ingressgateway}
              servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: shop}
            spec:
              hosts: ["*"]
              gateways: [edge]
              http: [{route: [{destination: {host: shop}}]}]
            """;
}
