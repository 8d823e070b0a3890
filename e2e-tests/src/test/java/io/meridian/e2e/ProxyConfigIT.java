package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.meridian.e2e.XdsClient.Manner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of a proxy: what it is served, what it was served, what it refused and why. A region, a gateway alone, the CLI. */
final class ProxyConfigIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String MESH = "shop";
    private static final int PORT = 8080;
    private static final String ROUTE = Integer.toString(PORT);

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private ServerProcess gateway;
    private Launcher cli;

    @BeforeEach
    void start() throws Exception {
        ServerProcess region = ServerProcess.startDev(folder.resolve("region"));
        open.add(region);
        cli = region.cli().with("MERIDIAN_MESH", MESH);
        cli.run("mesh", "create", MESH).expect(0);
        cli.run("cluster", "add", "vms", "--type", "self-managed").expect(0);
        cli.run("inventory", "apply", "--cluster", "vms", "-f", write("inventory.yaml", """
                        objects:
                          - service: {namespace: default, name: cart, ports: [{name: http, port: 8080}]}
                        """))
                .expect(0);
        gateway = ServerProcess.gateway(folder.resolve("gateway"), region.peer(), ServerProcess.ANY_PORT);
        open.add(gateway);
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private XdsClient client(String name, Manner manner) {
        ManagedChannel channel =
                NettyChannelBuilder.forTarget(gateway.xds()).usePlaintext().build();
        open.add(channel::shutdownNow);
        return XdsClient.connect(channel, MESH, name, manner, PORT);
    }

    @Test
    void whatIsServedAndWhatWasServedAreWhatTheClientGot() throws Exception {
        String first = apply("v1");
        XdsClient client = client("web", Manner.ACKNOWLEDGES);
        Await.until("v1 is there", SOON, () -> holds(client, "v1"));
        String versionOfFirst = client.routeVersions.get(ROUTE);
        JsonNode servedFirst = config("web.default", "routes", "--name", ROUTE);
        assertThat(servedFirst.get("version").asText()).isEqualTo(versionOfFirst);

        String second = apply("v2");
        Await.until("v2 is there", SOON, () -> holds(client, "v2"));
        cli.run("wait", "--position", second).expect(0);

        JsonNode now = config("web.default", "routes", "--name", ROUTE);
        assertThat(now.get("version").asText())
                .isEqualTo(client.routeVersions.get(ROUTE))
                .isNotEqualTo(versionOfFirst);
        assertThat(now.get("state").asText()).isEqualTo("SYNCED");
        assertThat(now.get("config").toString()).contains("version-v2").doesNotContain("version-v1");

        // The version is a hash of the bytes: where it is the same, so are they.
        JsonNode then = config("web.default", "routes", "--name", ROUTE, "--at", first);
        assertThat(then.get("version").asText()).isEqualTo(versionOfFirst);
        assertThat(then.get("config")).isEqualTo(servedFirst.get("config"));
        assertThat(cli.run("pc", "web.default", "--at", first).expect(0).err()).contains("inventory");

        assertThat(cli.run("pc", "web.default", "clusters").expect(0).out()).contains("cart.default.svc.cluster.local");
        assertThat(cli.run("pc", "nobody.default").expect(4).err()).contains("NAME.NAMESPACE");
        assertThat(cli.run("pc", "web.default", "--at", "99").expect(4).err()).contains("its head in this region is");
        client.cancel();
        Await.until(
                "it is gone",
                SOON,
                () -> cli.run("pc", "web.default").exit() == 4
                        && cli.run("pc", "web.default", "--at", first).exit() == 0);
    }

    @Test
    void aRefusalNamesItsObjectAndItsEvent() throws Exception {
        String applied = apply("v1");
        XdsClient client = client("picky", Manner.REFUSES);

        Await.until(
                "the cause is known",
                SOON,
                () -> cli.run("proxies", "picky.default")
                        .out()
                        .contains("Made of:       VirtualService default/cart, changed by event " + applied));
        assertThat(cli.run("proxies", "picky.default").expect(0).out())
                .contains("I want none of it", "Event:         " + applied, client.node());
        assertThat(cli.run("proxies").expect(0).out()).contains("REJECTED");
        assertThat(cli.run("proxies").expect(0).err()).contains("picky.default refused RDS: I want none of it");
    }

    /** The hashes of these two node ids are below and above 5%. */
    @Test
    void whatACanaryRefusesOthersAreKeptFromUntilTheOperatorSaysOtherwise() throws Exception {
        apply("v1");
        XdsClient other = client("shop", Manner.ACKNOWLEDGES);
        client("canary", Manner.REFUSES);
        Await.until("v1 is there", SOON, () -> holds(other, "v1"));
        Await.until(
                "the canary has refused it",
                SOON,
                () -> cli.run("proxies").err().contains("canary.default refused RDS: I want none of it"));
        cli.run("mesh", "set-rollout", "--canaries", "5%", "--halt-at", "20%", "--reason", "carefully")
                .expect(0);
        assertThat(cli.run("mesh", "list", "-o", "wide").expect(0).out()).contains("5%, halt at 20%");

        String second = apply("v2");

        Await.until("it is held", SOON, () -> cli.run("proxies").out().contains("HELD"));
        String halted = "the roll-out of RDS " + ROUTE + " is halted at gateway ";
        assertThat(cli.run("proxies").expect(0).err())
                .contains(
                        halted,
                        ": 1 of 1 canary refused it: I want none of it (from VirtualService default/cart, event "
                                + second + "); 1 proxy keeps the version before");
        assertThat(cli.run("mesh", "get").expect(0).err()).contains(halted);
        assertThat(cli.run("proxies", "shop.default").expect(0).out())
                .contains("RDS " + ROUTE + " is kept on the version before", "Refused:       1 of 1 canaries");
        assertThat(cli.run("wait", "--position", second, "--timeout", "1s")
                        .expect(1)
                        .err())
                .contains("HELD", halted);
        assertThat(holds(other, "v1")).isTrue();

        cli.run("mesh", "set-rollout", "--canaries", "0%", "--reason", "it is the client's fault")
                .expect(0);

        Await.until("v2 is there", SOON, () -> holds(other, "v2"));
    }

    private JsonNode config(String... arguments) {
        List<String> all = new ArrayList<>(List.of("proxy-config"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("-o", "json"));
        JsonNode resources =
                cli.run(all.toArray(String[]::new)).expect(0).json().get("resources");
        assertThat(resources).hasSize(1);
        return resources.get(0);
    }

    private static boolean holds(XdsClient client, String version) {
        return client.routes.getOrDefault(ROUTE, "").contains("version-" + version);
    }

    /** Returns its position. */
    private String apply(String version) throws IOException {
        JsonNode position = cli.run("apply", "-f", write("route.yaml", """
                        apiVersion: networking.istio.io/v1
                        kind: VirtualService
                        metadata: {name: cart, namespace: default}
                        spec:
                          hosts: [cart]
                          http:
                            - headers: {request: {set: {x-version: version-%s}}}
                              route: [{destination: {host: cart}}]
                        """.formatted(version)), "-o", "json")
                .expect(0)
                .json()
                .get("position");
        return position.get("epoch").asText() + "." + position.get("seq").asText();
    }

    private String write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content).toString();
    }
}
