package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.grpc.ManagedChannel;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.Envoy;
import io.meridian.gateway.fixture.TestCompiler;
import io.meridian.gateway.fixture.TestCore;
import io.meridian.model.position.Position;
import io.meridian.testsupport.Ports;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real Envoy behind the gateway, in both variants of the protocol; judged by the answers that it gives to real requests. */
class EnvoyIT {
    private static final String NODE = "sidecar~127.0.0.1~client.default~default.svc.cluster.local";

    private static final Duration ENVOY_FETCH_TIMEOUT = Duration.ofSeconds(15);

    private final List<AutoCloseable> open = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    @TempDir
    Path directory;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void envoyServesWhatTheMeshSays(String apiType) throws Exception {
        Optional<Path> binary = Envoy.binary();
        assumeTrue(binary.isPresent(), "no Envoy: set MERIDIAN_ENVOY to its binary, or put envoy on the PATH");
        int port = Ports.free();
        TestCore core = new TestCore().withMesh("bookinfo");
        open.add(core);
        core.service("bookinfo", "reviews", "reviews", backend("v1"));
        core.route("bookinfo", "main", port, "reviews", "/");
        ManagedChannel feed = core.channel();
        open.add(feed::shutdownNow);
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Gateway gateway = gateway(0, "first", feed, meters);
        Envoy envoy = new Envoy(binary.get(), directory.resolve("envoy"), gateway.address(), NODE, apiType);
        open.add(envoy);

        awaitSynced(core, core.head("bookinfo"), envoy);
        Await.until(() -> get(port, "/x").equals("200 v1"), () -> get(port, "/x") + "\n" + envoy.log());

        // A route.
        awaitSynced(core, core.route("bookinfo", "main", port, "reviews", "/only"), envoy);
        assertThat(get(port, "/x")).startsWith("404");
        assertThat(get(port, "/only")).isEqualTo("200 v1");

        // A new cluster, its endpoints and the route to it: never a moment in which the route leads nowhere.
        core.service("bookinfo", "ratings", "ratings", backend("r1"));
        awaitSynced(core, core.route("bookinfo", "main", port, "ratings", "/"), envoy);
        assertThat(get(port, "/x")).isEqualTo("200 r1");

        // A changed cluster: Envoy warms it on its endpoints, which did not change, or gives up waiting for them after
        // 15 s.
        long changing = System.nanoTime();
        double clusters = clusterPushes(meters);
        core.servicePorts("bookinfo", "ratings", "ratings", 2);
        awaitSynced(core, core.route("bookinfo", "main", port, "ratings", "/x"), envoy);
        assertThat(clusterPushes(meters)).isEqualTo(clusters + 1);
        assertThat(Duration.ofNanos(System.nanoTime() - changing)).isLessThan(ENVOY_FETCH_TIMEOUT);
        assertThat(get(port, "/x")).isEqualTo("200 r1");

        // Other endpoints.
        core.inventory(
                "bookinfo",
                List.of(),
                core.inventoryKeys("bookinfo").stream()
                        .filter(key -> key.getName().startsWith("ratings/"))
                        .toList());
        core.service("bookinfo", "ratings", "ratings", backend("r2"));
        Await.until(() -> get(port, "/x").equals("200 r2"), () -> get(port, "/x") + "\n" + envoy.log());

        // Another gateway at the same address: Envoy comes back, keeps serving, and is in sync without being sent what
        // it has.
        int xds = gateway.address().getPort();
        gateway.close();
        Await.until(() -> core.proxy(NODE).isEmpty(), () -> core.proxies);
        assertThat(get(port, "/x")).isEqualTo("200 r2");
        SimpleMeterRegistry after = new SimpleMeterRegistry();
        gateway(xds, "second", feed, after);
        awaitSynced(core, core.head("bookinfo"), envoy);
        assertThat(core.proxy(NODE).orElseThrow().getGateway()).isEqualTo("second");
        double pushes = after.find("pilot.xds.pushes").functionCounters().stream()
                .mapToDouble(FunctionCounter::count)
                .sum();
        // In the state of the world, endpoints and routes are told again.
        assertThat(pushes).isEqualTo(apiType.equals("GRPC") ? 2 : 0);

        // And a removal.
        awaitSynced(core, core.unroute("bookinfo", "main"), envoy);
        Await.until(() -> get(port, "/x").startsWith("none"), () -> get(port, "/x") + "\n" + envoy.log());
    }

    private static double clusterPushes(SimpleMeterRegistry meters) {
        return meters.get("pilot.xds.pushes")
                .tag("type", "cds")
                .functionCounter()
                .count();
    }

    private Gateway gateway(int port, String id, ManagedChannel feed, SimpleMeterRegistry meters) throws IOException {
        Gateway gateway = Gateway.start(
                GatewaySettings.of(id, "eu-1", "127.0.0.1", port, directory.resolve(id)),
                feed,
                mesh -> new TestCompiler(),
                meters);
        open.add(gateway);
        return gateway;
    }

    private int backend(String answer) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        open.add(() -> server.stop(0));
        return server.getAddress().getPort();
    }

    /** "STATUS BODY", or "none ERROR". */
    private String get(int port, String path) {
        try {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .timeout(Duration.ofSeconds(2))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return response.statusCode() + " " + response.body();
        } catch (IOException e) {
            return "none " + e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "none " + e;
        }
    }

    private static void awaitSynced(TestCore core, Position position, Envoy envoy) {
        Await.until(
                () -> core.proxy(NODE)
                        .filter(status -> status.getState() == ProxyStatus.State.SYNCED)
                        .filter(status -> Position.of(status.getAcknowledged()).isAtLeast(position))
                        .isPresent(),
                () -> position + " " + core.proxies + "\n"
                        + envoy.log().lines().skip(30).collect(Collectors.joining("\n")));
    }
}
