package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.meridian.testsupport.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway in a process of its own between a region and real Envoys: what it knows outlives the region, and itself. */
final class StandaloneGatewayIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(resource);
        return resource;
    }

    @Test
    void proxiesAreServedWhileTheRegionIsDownAndGetItsChangesWhenItIsBack() throws Exception {
        int first = opened(new Backend("first")).port();
        int second = opened(new Backend("second")).port();
        String admin = Ports.freeAddress();
        String peer = Ports.freeAddress();
        String xds = Ports.freeAddress();
        int ingress = Ports.free();
        String url = "http://127.0.0.1:" + ingress + "/";

        ServerProcess region = opened(
                ServerProcess.startDevAt(folder.resolve("region"), admin, ServerProcess.ANY_PORT, "--peer", peer));
        ServerProcess gateway = opened(ServerProcess.gateway(folder.resolve("gateway"), peer, xds));
        String cluster = "local-1";
        Launcher cli = region.cli().with("MERIDIAN_MESH", "shop");
        cli.run("mesh", "create", "shop", "--mtls", "disable").expect(0);
        cli.run("cluster", "add", cluster, "--type", "self-managed").expect(0);
        cli.run("gateway", "deploy", "edge", "--cluster", cluster, "--port", "http:80:" + ingress)
                .expect(0);
        cli.run("inventory", "apply", "--cluster", cluster, "-f", write("inventory.yaml", inventory(first, second)))
                .expect(0);
        cli.run("apply", "-f", write("routes.yaml", routes("first"))).expect(0);

        Envoy before = opened(envoy("before", xds, true));
        Await.until(
                () -> "the first proxy serves: " + before.log(),
                SOON,
                () -> Http.answer(url).equals("200 first"));
        Await.until("the region knows the proxy and that it is in sync", SOON, () -> {
            JsonNode proxies = cli.run("proxies", "-o", "json").expect(0).json().get("proxies");
            return proxies.size() == 1
                    && proxies.get(0).get("node").asText().equals(before.node())
                    && proxies.get(0).get("state").asText().equals("SYNCED");
        });

        region.kill9();
        assertThat(Http.answer(url)).isEqualTo("200 first");
        before.close();
        Envoy without = opened(envoy("without", xds, false));
        Await.until(
                () -> "a new proxy serves without the region: " + without.log(),
                SOON,
                () -> Http.answer(url).equals("200 first"));

        without.close();
        // What is served is in the copy, once there is one: two seconds after the mesh was heard of.
        Await.until("the local copy holds what was applied", SOON, () -> copyTellsOf("VirtualService"));
        gateway.kill9();
        ServerProcess restarted = opened(ServerProcess.gateway(folder.resolve("gateway"), peer, xds));
        Envoy fromCopy = opened(envoy("from-copy", xds, true));
        Await.until(
                () -> "a new proxy serves from the gateway's local copy: " + fromCopy.log(),
                SOON,
                () -> Http.answer(url).equals("200 first"));

        opened(ServerProcess.startDevAt(folder.resolve("region"), admin, ServerProcess.ANY_PORT, "--peer", peer));
        JsonNode written = cli.run("apply", "-f", write("routes.yaml", routes("second")), "-o", "json")
                .expect(0)
                .json();
        Await.until(
                () -> "the region's change arrives: " + fromCopy.log(),
                SOON,
                () -> Http.answer(url).equals("200 second"));
        Await.until("the region knows that the change was acknowledged", SOON, () -> {
            JsonNode proxies = cli.run("proxies", "-o", "json").expect(0).json().get("proxies");
            return proxies.size() == 1
                    && proxies.get(0).get("node").asText().equals(fromCopy.node())
                    && proxies.get(0).get("state").asText().equals("SYNCED");
        });
        cli.run("wait", "--position", written.at("/position/seq").asText(), "--timeout", "20s")
                .expect(0);
        assertThat(restarted.alive()).isTrue();
        assertThat(restarted.terminate()).isIn(0, 143);
        assertThat(Http.answer(url)).as("a proxy keeps what it has").isEqualTo("200 second");
    }

    private Envoy envoy(String name, String xds, boolean delta) throws Exception {
        return Envoy.ingress(folder, name, "shop", "local-1", xds, delta);
    }

    private String write(String name, String content) throws Exception {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    private static String inventory(int first, int second) {
        return """
                objects:
                  - service: {namespace: default, name: shop, ports: [{name: http, port: 80}]}
                  - workload: {namespace: default, name: shop-1, addresses: [127.0.0.1], labels: {version: first}, state: READY}
                  - workload: {namespace: default, name: shop-2, addresses: [127.0.0.1], labels: {version: second}, state: READY}
                  - endpoint: {namespace: default, service: shop, workload: shop-1, ports: {http: %d}}
                  - endpoint: {namespace: default, service: shop, workload: shop-2, ports: {http: %d}}
                """.formatted(first, second);
    }

    /** Names are in the copy's files as they are. */
    private boolean copyTellsOf(String name) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("gateway"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(name)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String routes(String subset) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  selector: {istio: ingressgateway}
                  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: shop}
                spec:
                  host: shop
                  subsets:
                    - {name: first, labels: {version: first}}
                    - {name: second, labels: {version: second}}
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: shop}
                spec:
                  hosts: ["*"]
                  gateways: [edge]
                  http: [{route: [{destination: {host: shop, subset: %s}}]}]
                """.formatted(subset);
    }
}
