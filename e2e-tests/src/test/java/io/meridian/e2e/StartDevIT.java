package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One region in one process, used from the command line. */
final class StartDevIT {
    private static final String REVIEWS = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata:
              name: reviews
            spec:
              hosts: [reviews]
              http:
                - route:
                    - destination: {host: reviews, subset: v1}
                      weight: %d
                    - destination: {host: reviews, subset: v2}
                      weight: %d
            """;

    @TempDir
    static Path folder;

    private static ServerProcess region;

    @BeforeAll
    static void start() throws Exception {
        region = ServerProcess.startDev(folder.resolve("data"));
    }

    @AfterAll
    static void stop() throws Exception {
        region.close();
    }

    @Test
    void aWriteTellsItsPositionAndIsThereToRead() {
        Launcher cli = region.cli();
        JsonNode created =
                cli.run("mesh", "create", "first", "-o", "json").expect(0).json();
        assertThat(created.at("/position/seq").asLong()).isPositive();
        JsonNode applied = cli.run(
                        Duration.ofSeconds(60),
                        REVIEWS.formatted(90, 10),
                        "apply",
                        "--mesh",
                        "first",
                        "-f",
                        "-",
                        "-o",
                        "json")
                .expect(0)
                .json();
        long seq = applied.at("/position/seq").asLong();
        assertThat(seq).isGreaterThan(created.at("/position/seq").asLong());
        assertThat(cli.run("get", "virtualservices", "--mesh", "first", "-o", "name")
                        .expect(0)
                        .out())
                .contains("reviews");
        assertThat(cli.run("show", "--mesh", "first", "--at", Long.toString(seq), "-o", "yaml")
                        .expect(0)
                        .out())
                .contains("weight: 90");
        JsonNode history =
                cli.run("history", "--mesh", "first", "-o", "json").expect(0).json();
        assertThat(history.toString()).contains("ResourcesApplied").contains("MeshCreated");
        assertThat(cli.run("wait", "--mesh", "first", "--position", Long.toString(seq), "--timeout", "10s")
                        .expect(0)
                        .err())
                .doesNotContain("error");
    }

    @Test
    void whatWasAcknowledgedOutlivesKill9AndTheEndIsClean() throws Exception {
        Path data = folder.resolve("killed");
        long acknowledged;
        try (ServerProcess first = ServerProcess.startDev(data)) {
            first.cli().run("mesh", "create", "kept").expect(0);
            acknowledged = first.cli()
                    .run("namespace", "create", "shop", "--mesh", "kept", "-o", "json")
                    .expect(0)
                    .json()
                    .at("/position/seq")
                    .asLong();
            first.kill9();
        }
        try (ServerProcess second = ServerProcess.startDev(data)) {
            JsonNode history = second.cli()
                    .run("history", "--mesh", "kept", "-o", "json")
                    .expect(0)
                    .json();
            assertThat(history.toString()).contains("NamespaceCreated");
            JsonNode next = second.cli()
                    .run("namespace", "create", "shop2", "--mesh", "kept", "-o", "json")
                    .expect(0)
                    .json();
            assertThat(next.at("/position/seq").asLong()).isEqualTo(acknowledged + 1);
            assertThat(second.terminate()).isIn(0, 143);
        }
    }

    @Test
    void badInputIsRefusedByFileObjectAndFieldAndChangesNothing() throws IOException {
        Launcher cli = region.cli();
        cli.run("mesh", "create", "strict").expect(0);
        String before = head(cli, "strict");
        List<BadInput> table = List.of(
                new BadInput(
                        "deployment.yaml",
                        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {}\n",
                        List.of("deployment.yaml", "Deployment", "cluster")),
                new BadInput(
                        "unknown.yaml",
                        "apiVersion: networking.istio.io/v1\nkind: VirtualServis\nmetadata: {name: x}\nspec: {}\n",
                        List.of("unknown.yaml", "VirtualServis")),
                new BadInput("weights.yaml", REVIEWS.formatted(90, -10), List.of("weights.yaml", "reviews", "weight")),
                new BadInput("port.yaml", """
                        apiVersion: networking.istio.io/v1
                        kind: Gateway
                        metadata: {name: edge}
                        spec:
                          selector: {istio: ingressgateway}
                          servers: [{port: {number: 70000, name: http, protocol: HTTP}, hosts: ["*"]}]
                        """, List.of("port.yaml", "edge", "port")),
                new BadInput("broken.yaml", "kind: [unclosed\nmetadata:\n  name: x\n", List.of("broken.yaml", ":2")));
        for (BadInput bad : table) {
            Path file = Files.writeString(folder.resolve(bad.file), bad.content);
            Launcher.Result result = cli.run("apply", "--mesh", "strict", "-f", file.toString());
            assertThat(result.exit()).as(bad.file + ": " + result.err()).isGreaterThanOrEqualTo(2);
            for (String word : bad.words) {
                assertThat(result.err()).as(bad.file).contains(word);
            }
        }
        assertThat(head(cli, "strict")).isEqualTo(before);
    }

    private record BadInput(String file, String content, List<String> words) {}

    @Test
    void anApplyOfSeveralDocumentsIsAllOrNothing() throws IOException {
        Launcher cli = region.cli();
        cli.run("mesh", "create", "atomic").expect(0);
        Path good = Files.writeString(folder.resolve("good.yaml"), REVIEWS.formatted(50, 50));
        Path bad = Files.writeString(
                folder.resolve("bad.yaml"),
                REVIEWS.formatted(50, 50)
                        .replace("name: reviews", "name: other")
                        .replace("weight: 50", "weight: -50"));
        assertThat(cli.run("apply", "--mesh", "atomic", "-f", good.toString(), "-f", bad.toString())
                        .exit())
                .isGreaterThanOrEqualTo(2);
        assertThat(cli.run("get", "vs", "--mesh", "atomic", "-o", "name").out()).doesNotContain("reviews");
    }

    @Test
    void aDestinationThatDoesNotExistIsAWarningOnly() throws IOException {
        Launcher cli = region.cli();
        cli.run("mesh", "create", "warned").expect(0);
        Launcher.Result applied =
                cli.run(Duration.ofSeconds(60), REVIEWS.formatted(50, 50), "apply", "--mesh", "warned", "-f", "-");
        assertThat(applied.expect(0).err()).contains("IST0101");
    }

    @Test
    void aStaleExpectedPositionAndADuplicateAreRefused() {
        Launcher cli = region.cli();
        JsonNode created =
                cli.run("mesh", "create", "guarded", "-o", "json").expect(0).json();
        String position = created.at("/position/epoch").asText() + "."
                + created.at("/position/seq").asText();
        cli.run("namespace", "create", "one", "--mesh", "guarded", "--expected-position", position)
                .expect(0);
        Launcher.Result stale =
                cli.run("namespace", "create", "two", "--mesh", "guarded", "--expected-position", position);
        assertThat(stale.exit()).isGreaterThanOrEqualTo(2);
        assertThat(stale.err()).contains("position");
        assertThat(cli.run("mesh", "create", "guarded").exit()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void theSameRequestIdIsAppliedOnce() {
        Launcher cli = region.cli();
        cli.run("mesh", "create", "once").expect(0);
        JsonNode first = cli.run("namespace", "create", "ns", "--mesh", "once", "--request-id", "r-1", "-o", "json")
                .expect(0)
                .json();
        JsonNode again = cli.run("namespace", "create", "ns", "--mesh", "once", "--request-id", "r-1", "-o", "json")
                .expect(0)
                .json();
        assertThat(again.at("/position")).isEqualTo(first.at("/position"));
    }

    @Test
    void clustersGoFirstWithTheirGatewaysThenTheMesh() {
        Launcher cli = region.cli();
        cli.run("mesh", "create", "leaving").expect(0);
        cli.run("cluster", "add", "k8s-1", "--mesh", "leaving", "--type", "kubernetes-managed")
                .expect(0);
        cli.run("gateway", "deploy", "edge", "--mesh", "leaving", "--cluster", "k8s-1", "--port", "http:80:8080")
                .expect(0);
        Launcher.Result refused = cli.run("mesh", "delete", "leaving");
        assertThat(refused.exit()).isGreaterThanOrEqualTo(2);
        assertThat(refused.err()).contains("k8s-1");
        cli.run("cluster", "remove", "k8s-1", "--mesh", "leaving").expect(0);
        assertThat(cli.run("gateway", "list", "--mesh", "leaving", "-o", "name")
                        .expect(0)
                        .out())
                .doesNotContain("edge");
        cli.run("mesh", "delete", "leaving").expect(0);
        assertThat(cli.run("history", "--mesh", "leaving", "-o", "json")
                        .expect(0)
                        .out())
                .contains("IngressGatewayUninstalled")
                .contains("MeshDeleted");
    }

    @Test
    void aGatewayOnAClusterThatIsNotThereIsRefused() {
        Launcher cli = region.cli();
        cli.run("mesh", "create", "bare").expect(0);
        Launcher.Result refused = cli.run(
                "gateway", "deploy", "edge", "--mesh", "bare", "--cluster", "nowhere", "--port", "http:80:8080");
        assertThat(refused.exit()).isGreaterThanOrEqualTo(2);
        assertThat(refused.err()).contains("nowhere");
    }

    @Test
    void anUnknownMeshAndADeadServerAreNamed() {
        Launcher.Result unknown = region.cli().run("get", "vs", "--mesh", "nosuch");
        assertThat(unknown.exit()).isGreaterThanOrEqualTo(2);
        assertThat(unknown.err()).contains("nosuch");
        Launcher.Result dead = Launcher.create().run("--server", "127.0.0.1:1", "mesh", "list");
        assertThat(dead.exit()).isGreaterThanOrEqualTo(2);
        assertThat(dead.err()).contains("127.0.0.1:1");
    }

    private static String head(Launcher cli, String mesh) {
        return cli.run("mesh", "get", mesh, "-o", "json")
                .expect(0)
                .json()
                .at("/position")
                .toString();
    }
}
