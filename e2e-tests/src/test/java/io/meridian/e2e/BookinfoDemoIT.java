package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.meridian.e2e.Demo.Reviews;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The demo: three regions, Bookinfo behind real Envoys; a change is there when real responses show it. In the order of a story. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class BookinfoDemoIT {
    private static final Duration RECONNECT = Duration.ofSeconds(60);
    private static final int PROXIES = 7;
    /** Enough that three equal chances would not repeat the same three turns by accident. */
    private static final int TURNS = 30;

    @TempDir(cleanup = CleanupMode.ALWAYS)
    static Path folder;

    private static Demo demo;

    @BeforeAll
    static void start() {
        demo = new Demo(folder.resolve("demo"));
        demo.start();
    }

    @AfterAll
    static void stop() {
        demo.run("down").expect(0);
    }

    @Test
    @Order(1)
    void everyProxyIsSyncedAndTheStatusSaysSo() {
        JsonNode proxies = demo.proxies("us-1");
        assertThat(proxies).hasSize(PROXIES);
        assertThat(proxies)
                .allSatisfy(proxy -> assertThat(proxy.get("state").asText()).isEqualTo("SYNCED"));
        assertThat(proxies).extracting(proxy -> proxy.get("region").asText()).contains("eu-1", "us-1", "ap-1");
        JsonNode status = demo.run("status", "-o", "json").expect(0).json();
        assertThat(status.get("regions")).hasSize(3);
        assertThat(status.get("proxies")).hasSize(PROXIES);
        assertThat(status.get("adminAddresses")).hasSize(3);
        assertThat(status.get("xdsAddresses")).hasSize(3);
        assertThat(Http.answer(status.get("ingressUrl").asText() + "/productpage"))
                .startsWith("200 ");
    }

    @Test
    @Order(10)
    void theThreeVersionsOfReviewsAnswerInTurn() {
        assertThat(demo.count(12)).containsOnlyKeys(Reviews.V1, Reviews.V2, Reviews.V3);
        assertInTurn(demo.sequence(TURNS));
    }

    @Test
    @Order(11)
    void theLoadBalancingPolicyDecidesWhoAnswers() {
        demo.apply("us-1", "lb-random.yaml");
        assertByChance(demo.sequence(2 * TURNS));
        assertThat(policyInEnvoy()).isEqualTo("RANDOM");
        demo.apply("ap-1", "lb-least-request.yaml");
        // One request at a time: all have the same, and chance decides between them.
        assertByChance(demo.sequence(2 * TURNS));
        assertThat(policyInEnvoy()).isEqualTo("LEAST_REQUEST");
        demo.apply("eu-1", "lb-round-robin.yaml");
        assertInTurn(demo.sequence(TURNS));
        assertThat(policyInEnvoy()).isEqualTo("ROUND_ROBIN");
    }

    private static void assertInTurn(List<Reviews> sequence) {
        assertThat(Set.copyOf(sequence.subList(0, 3)))
                .as("each once: " + sequence)
                .hasSize(3)
                .doesNotContain(Reviews.NONE);
        for (int i = 3; i < sequence.size(); i++) {
            assertThat(sequence.get(i)).as("request " + i + " of " + sequence).isEqualTo(sequence.get(i - 3));
        }
    }

    private static void assertByChance(List<Reviews> sequence) {
        assertThat(Set.copyOf(sequence))
                .as("all answer: " + sequence)
                .containsExactlyInAnyOrder(Reviews.V1, Reviews.V2, Reviews.V3);
        boolean inTurn = true;
        for (int i = 3; i < sequence.size(); i++) {
            inTurn &= sequence.get(i) == sequence.get(i - 3);
        }
        assertThat(inTurn).as("exact turns: " + sequence).isFalse();
    }

    /** What productpage's Envoy says that it does for reviews. Envoy leaves its default away. */
    private static String policyInEnvoy() {
        JsonNode dump = Launcher.parse(Http.get(
                        "http://" + demo.envoyAdmin("productpage-v1") + "/config_dump?resource=dynamic_active_clusters")
                .body());
        for (JsonNode cluster : dump.get("configs")) {
            if (cluster.at("/cluster/name").asText().equals("outbound|9080||reviews.default.svc.cluster.local")) {
                return cluster.at("/cluster/lb_policy").asText("ROUND_ROBIN");
            }
        }
        throw new AssertionError("productpage's Envoy does not know reviews: " + dump);
    }

    @Test
    @Order(20)
    void weightsAreKeptInRealResponses() {
        demo.apply("eu-1", "reviews-90-10.yaml");
        Map<Reviews, Integer> counts = demo.count(200);
        assertThat(counts).containsOnlyKeys(Reviews.V1, Reviews.V2);
        // 20 expected; beyond these bounds lies one run in a million.
        assertThat(counts.getOrDefault(Reviews.V2, 0)).as("10 per cent of 200").isBetween(3, 45);
    }

    @Test
    @Order(21)
    void aHeaderPicksTheVersion() {
        demo.apply("ap-1", "reviews-header.yaml");
        assertThat(demo.count(10, "end-user", "jason")).containsOnlyKeys(Reviews.V2);
        assertThat(demo.count(10, "User-Agent", "Mozilla/5.0 (iPhone)")).containsOnlyKeys(Reviews.V3);
        assertThat(demo.count(10)).containsOnlyKeys(Reviews.V1);
    }

    @Test
    @Order(22)
    void aUriIsMatchedAndRewritten() {
        assertThat(Http.answer(demo.ingress() + "/catalog/0/reviews")).startsWith("404");
        demo.apply("us-1", "gateway-rewrite.yaml");
        HttpResponse<String> rewritten = Http.get(demo.ingress() + "/catalog/0/reviews");
        assertThat(rewritten.statusCode()).isEqualTo(200);
        assertThat(Demo.reviewsOf(rewritten.body())).isEqualTo(Reviews.V1);
        assertThat(Http.answer(demo.ingress() + "/books")).startsWith("200 ").contains("The Comedy of Errors");
        assertThat(Http.answer(demo.ingress() + "/books/more"))
                .as("an exact match")
                .startsWith("404");
        assertThat(demo.page().statusCode())
                .as("the routes that were there stay")
                .isEqualTo(200);
        demo.apply("eu-1", "bookinfo.yaml");
        assertThat(Http.answer(demo.ingress() + "/catalog/0/reviews")).startsWith("404");
    }

    @Test
    @Order(23)
    void aHostOutsideIsBlockedUntilAServiceEntryMakesItKnown() {
        String atIngress = demo.ingress() + "/isbn/1234567890";
        String atSidecar = demo.productpageEgress() + "/isbn/1234567890";
        String[] plain = {"Host", "books.example.com"};
        String[] withPort = {"Host", "books.example.com:9080"};
        answers(atIngress, "404", plain);
        answers(atSidecar, "502", withPort);
        demo.apply("us-1", "external-service.yaml");
        answers(atIngress, "200 ", plain);
        answers(atSidecar, "200 ", withPort);
        assertThat(Http.answer(atIngress, plain)).contains("hello from outside the mesh");
        assertThat(Http.answer(atSidecar, withPort)).contains("hello from outside the mesh");
        demo.done("ap-1", demo.cli("ap-1").run("delete", "-f", Demo.example("external-service.yaml"), "-o", "json"));
        answers(atIngress, "404", plain);
        answers(atSidecar, "502", withPort);
    }

    /** An Envoy's workers take a configuration a moment after it has been acknowledged. */
    private static void answers(String url, String status, String... headers) {
        Await.until(url + " answers " + status, Demo.SOON, () -> {
            assertThat(Http.answer(url, headers)).startsWith(status);
            return true;
        });
    }

    @Test
    @Order(24)
    void injectedFaultsAreFeltByWhomTheyAreMeantFor() {
        String unavailable = "Ratings service is currently unavailable";
        demo.apply("eu-1", "reviews-v3.yaml");
        assertThat(demo.page().body()).contains("reviews-v3").doesNotContain(unavailable);
        demo.apply("eu-1", "fault-abort.yaml");
        assertThat(demo.page().body()).contains("reviews-v3").contains(unavailable);

        demo.apply("us-1", "reviews-header.yaml");
        demo.apply("us-1", "fault-delay.yaml");
        assertThat(millis("end-user", "jason")).as("two seconds late for jason").isGreaterThanOrEqualTo(2000);
        assertThat(demo.page("end-user", "jason").body()).contains("reviews-v2").doesNotContain(unavailable);
        assertThat(millis("User-Agent", "an iPhone"))
                .as("v3 asks ratings too, and is not jason")
                .isLessThan(2000);
        demo.delete("ap-1", "virtualservice", "ratings");
        assertThat(millis("end-user", "jason")).as("the fault is gone").isLessThan(2000);
    }

    private static long millis(String... headers) {
        long start = System.nanoTime();
        assertThat(demo.page(headers).statusCode()).isEqualTo(200);
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }

    @Test
    @Order(30)
    void thePastIsShownComparedAndBroughtBackAsANewEvent() {
        String header = demo.apply("eu-1", "reviews-header.yaml");
        String canary = demo.apply("us-1", "reviews-90-10.yaml");
        Launcher ap = demo.cli("ap-1");
        assertThat(ap.run("show", "--at", canary, "-o", "yaml").expect(0).out())
                .contains("weight: 90")
                .doesNotContain("end-user");
        assertThat(ap.run("show", "--at", header, "-o", "yaml").expect(0).out())
                .contains("end-user")
                .doesNotContain("weight: 90");
        Launcher.Result diff = ap.run("diff", "--at", header, "--at", canary).expect(1);
        assertThat(diff.out()).containsPattern("(?m)^-.*end-user").containsPattern("(?m)^\\+.*weight: 90");
        assertThat(ap.run("diff", "--at", canary, "--at", canary).expect(0).out())
                .isEmpty();

        String rolledBack = demo.done(
                "us-1", demo.cli("us-1").run("rollback", "--to", header, "--reason", "the drill", "-o", "json"));
        assertThat(demo.count(10, "end-user", "jason")).containsOnlyKeys(Reviews.V2);
        assertThat(demo.count(10)).containsOnlyKeys(Reviews.V1);
        assertThat(ap.run("history", "-o", "json").expect(0).out()).contains("the drill");
        // What it said is what it says; that it was changed in between is counted, as Kubernetes does.
        assertThat(ap.run("diff", "--at", header, "--at", rolledBack).out().lines())
                .filteredOn(line -> line.matches("[-+](?![-+]{2} ).*"))
                .allMatch(line -> line.contains("generation:"));
    }

    @Test
    @Order(31)
    void regionsTellTheSameHistory() {
        String head = demo.head("eu-1");
        String history = demo.cli("eu-1").run("history", "-o", "json").expect(0).out();
        for (String region : List.of("us-1", "ap-1")) {
            Await.until(
                    region + " holds " + head,
                    Demo.SOON,
                    () -> demo.head(region).equals(head));
            assertThat(demo.cli(region).run("history", "-o", "json").expect(0).out())
                    .isEqualTo(history);
        }
    }

    @Test
    @Order(40)
    void waitSaysWhichProxyHasNotAcknowledged() {
        long stopped = demo.pid("envoy-ratings-v1");
        Demo.signal("STOP", stopped);
        try {
            String position = Demo.position(demo.cli("us-1")
                    .run("apply", "-f", Demo.example("reviews-v1.yaml"), "-o", "json")
                    .expect(0)
                    .json());
            // All others have it, and only this one is named.
            Await.until("only the stopped proxy is left", Demo.SOON, () -> {
                Launcher.Result waited = demo.cli("ap-1")
                        .run("wait", "--position", position, "--timeout", "1s", "-o", "json")
                        .expect(1);
                JsonNode pending = waited.json().get("pending");
                return pending.size() == 1
                        && pending.get(0).get("node").asText().contains("ratings-v1");
            });
            Launcher.Result waited = demo.cli("eu-1")
                    .run("wait", "--position", position, "--timeout", "1s")
                    .expect(1);
            assertThat(waited.err())
                    .contains("ratings-v1")
                    .doesNotContain("details-v1")
                    .contains("not yet: 1 of 7 proxies");
            assertThat(demo.count(10)).as("nobody else waits for it").containsOnlyKeys(Reviews.V1);
            Demo.signal("CONT", stopped);
            demo.cli("eu-1")
                    .run("wait", "--position", position, "--timeout", "30s")
                    .expect(0);
        } finally {
            Demo.signal("CONT", stopped);
        }
    }

    @Test
    @Order(50)
    void aKilledRegionCostsNoRequestAndCatchesUp() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger served = new AtomicInteger();
        AtomicReference<String> failure = new AtomicReference<>("");
        Thread load = Thread.ofVirtual().start(() -> {
            while (!stop.get()) {
                try {
                    HttpResponse<String> page = demo.page();
                    if (page.statusCode() != 200 || Demo.reviewsOf(page.body()) == Reviews.NONE) {
                        failure.compareAndSet("", "status " + page.statusCode() + ": " + page.body());
                    }
                    served.incrementAndGet();
                } catch (AssertionError e) {
                    failure.compareAndSet("", e.toString());
                }
            }
        });
        String written;
        try {
            demo.run("kill-region", "us-1").expect(0);
            written = Demo.position(demo.cli("eu-1")
                    .run("apply", "-f", Demo.example("reviews-v3.yaml"), "-o", "json")
                    .expect(0)
                    .json());
            Await.until("the proxies of us-1 are served by other regions", RECONNECT, () -> {
                JsonNode proxies = demo.proxies("eu-1");
                for (JsonNode proxy : proxies) {
                    if (!proxy.get("state").asText().equals("SYNCED")
                            || proxy.get("region").asText().equals("us-1")) {
                        return false;
                    }
                }
                return proxies.size() == PROXIES;
            });
            demo.cli("ap-1")
                    .run("wait", "--position", written, "--timeout", "30s")
                    .expect(0);
            assertThat(demo.count(10)).containsOnlyKeys(Reviews.V3);
            assertThat(demo.run("status").expect(1).out())
                    .as("the status says what does not run")
                    .contains("stopped");
        } finally {
            stop.set(true);
            load.join();
        }
        assertThat(failure.get()).isEmpty();
        assertThat(served.get()).isPositive();
        demo.run("start-region", "us-1").expect(0);
        Await.until("us-1 caught up", RECONNECT, () -> demo.head("us-1").equals(written));
    }

    @Test
    @Order(51)
    void whileTheHomeIsDownProxiesKeepTheirConfigurationAndReadsWork() {
        String head = demo.head("eu-1");
        demo.run("kill-region", "eu-1").expect(0);
        assertThat(demo.count(10)).containsOnlyKeys(Reviews.V3);
        demo.cli("us-1").run("history", "-o", "json").expect(0);
        assertThat(demo.cli("ap-1")
                        .run("show", "--at", head, "-o", "yaml")
                        .expect(0)
                        .out())
                .contains("subset: v3");
        Launcher.Result refused = demo.cli("us-1").run("namespace", "create", "late", "--timeout", "3s");
        assertThat(refused.exit()).isGreaterThanOrEqualTo(2);
        assertThat(refused.err()).contains("eu-1");
        demo.run("start-region", "eu-1").expect(0);
        Await.until(
                "the home takes writes again",
                RECONNECT,
                () -> demo.cli("us-1").run("namespace", "create", "late").exit() == 0);
        demo.apply("ap-1", "reviews-v1.yaml");
        assertThat(demo.count(10)).containsOnlyKeys(Reviews.V1);
    }

    @Test
    @Order(60)
    void downLeavesNothingBehindAndASecondStartFindsItsData() {
        String head = demo.head("eu-1");
        String history = demo.cli("eu-1").run("history", "-o", "json").expect(0).out();
        Map<String, Long> pids = demo.pids();
        List<String> listening = demo.listening();
        assertThat(pids).hasSizeGreaterThanOrEqualTo(3 + PROXIES + 1);
        assertThat(pids)
                .allSatisfy((name, pid) -> assertThat(Demo.runs(pid)).as(name).isTrue());
        assertThat(listening).allMatch(Connections::accepts);
        demo.run("down").expect(0);
        assertThat(pids)
                .allSatisfy((name, pid) -> assertThat(Demo.runs(pid)).as(name).isFalse());
        assertThat(listening).noneMatch(Connections::accepts);
        assertThat(demo.processesOfItsData()).isEmpty();

        demo.start();
        assertThat(demo.count(10)).as("what the user had changed").containsOnlyKeys(Reviews.V1);
        assertThat(demo.head("ap-1")).isEqualTo(head);
        assertThat(demo.cli("us-1").run("history", "-o", "json").expect(0).out())
                .isEqualTo(history);
    }

    @Test
    @Order(70)
    void clustersGoFirstWithTheirGatewaysThenTheMeshAndItsHistoryStays() {
        Launcher cli = demo.cli("us-1");
        Launcher.Result refused = cli.run("mesh", "delete", "bookinfo");
        assertThat(refused.exit()).isGreaterThanOrEqualTo(2);
        assertThat(refused.err()).contains("k8s-1").contains("vm-1");
        assertThat(cli.run("gateway", "list", "-o", "name").expect(0).out()).contains("ingressgateway");
        cli.run("cluster", "remove", "k8s-1").expect(0);
        assertThat(cli.run("gateway", "list", "-o", "name").expect(0).out()).doesNotContain("ingressgateway");
        cli.run("cluster", "remove", "vm-1").expect(0);
        cli.run("mesh", "delete", "bookinfo").expect(0);
        Await.until("the deletion is in ap-1's history, which stays readable", Demo.SOON, () -> {
            String history =
                    demo.cli("ap-1").run("history", "-o", "json").expect(0).out();
            return history.contains("IngressGatewayUninstalled") && history.contains("MeshDeleted");
        });
        assertThat(cli.run("mesh", "list", "-o", "name").expect(0).out()).doesNotContain("bookinfo");
    }
}
