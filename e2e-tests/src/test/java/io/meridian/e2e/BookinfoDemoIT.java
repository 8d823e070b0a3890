package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private static final Duration START = Duration.ofMinutes(4);
    /** The product promises a second; a loaded test machine gets more before it counts as broken. */
    private static final Duration SOON = Duration.ofSeconds(15);

    private enum Reviews {
        V1,
        V2,
        V3,
        NONE
    }

    @TempDir(cleanup = CleanupMode.ALWAYS)
    static Path folder;

    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private static final Launcher MERIDIAN = Launcher.create();
    private static String ingress;
    private static JsonNode status;

    @BeforeAll
    static void start() {
        demo(START, "--detach").expect(0);
        status = demo(SOON, "status", "-o", "json").expect(0).json();
        ingress = status.get("ingressUrl").asText().replaceAll("/productpage$", "");
    }

    @AfterAll
    static void stop() {
        demo(START, "down").expect(0);
    }

    private static Launcher.Result demo(Duration limit, String... arguments) {
        List<String> all =
                new ArrayList<>(List.of("demo", "--data", folder.resolve("demo").toString()));
        all.addAll(List.of(arguments));
        return MERIDIAN.run(limit, "", all.toArray(String[]::new));
    }

    private static Launcher cli(String region) {
        return MERIDIAN.with("MERIDIAN_SERVER", adminOf(region)).with("MERIDIAN_MESH", "bookinfo");
    }

    private static String adminOf(String region) {
        JsonNode addresses = status.get("adminAddresses");
        return addresses.isObject()
                ? addresses.get(region).asText()
                : addresses.get(regionIndex(region)).asText();
    }

    private static int regionIndex(String region) {
        return switch (region) {
            case "eu-1" -> 0;
            case "us-1" -> 1;
            default -> 2;
        };
    }

    private static Path example(String file) {
        return Launcher.root().resolve("examples/bookinfo").resolve(file);
    }

    /** Applies in a region and waits until every proxy has it. */
    private static void apply(String region, String file) {
        JsonNode written = cli(region)
                .run("apply", "--mesh", "bookinfo", "-f", example(file).toString(), "-o", "json")
                .expect(0)
                .json();
        waitFor(region, written);
    }

    private static void waitFor(String region, JsonNode written) {
        String position = written.at("/position/epoch").asText() + "."
                + written.at("/position/seq").asText();
        cli(region)
                .run("wait", "--mesh", "bookinfo", "--position", position, "--timeout", "15s")
                .expect(0);
    }

    private static HttpResponse<String> get(String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(ingress + path)).timeout(Duration.ofSeconds(10));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError("GET " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Which reviews answered: v1 gives no stars, v2 black ones, v3 red ones. */
    private static Reviews reviewsOf(String... headers) {
        HttpResponse<String> page = get("/productpage", headers);
        assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
        String body = page.body();
        if (body.contains("reviews-v1")) {
            return Reviews.V1;
        }
        if (body.contains("reviews-v2")) {
            return Reviews.V2;
        }
        return body.contains("reviews-v3") ? Reviews.V3 : Reviews.NONE;
    }

    private static Map<Reviews, Integer> count(int requests, String... headers) {
        Map<Reviews, Integer> counts = new EnumMap<>(Reviews.class);
        for (int i = 0; i < requests; i++) {
            counts.merge(reviewsOf(headers), 1, Integer::sum);
        }
        return counts;
    }

    @Test
    @Order(1)
    void everyProxyIsSynced() {
        JsonNode proxies = cli("us-1")
                .run("proxies", "--mesh", "bookinfo", "-o", "json")
                .expect(0)
                .json()
                .get("proxies");
        assertThat(proxies).hasSizeGreaterThanOrEqualTo(7);
        assertThat(proxies)
                .allSatisfy(proxy -> assertThat(proxy.get("state").asText()).isEqualTo("SYNCED"));
        assertThat(proxies).extracting(proxy -> proxy.get("region").asText()).contains("eu-1", "us-1", "ap-1");
    }

    @Test
    @Order(2)
    void theThreeVersionsOfReviewsAnswerInTurn() {
        Await.until("all three versions of reviews answer", SOON, () -> {
            Map<Reviews, Integer> counts = count(12);
            return counts.keySet().containsAll(Set.of(Reviews.V1, Reviews.V2, Reviews.V3));
        });
    }

    @Test
    @Order(3)
    void weightsAreKeptInRealResponses() {
        apply("eu-1", "reviews-90-10.yaml");
        Map<Reviews, Integer> counts = count(200);
        assertThat(counts.getOrDefault(Reviews.NONE, 0)).isZero();
        int most = counts.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        assertThat(most).as("90 per cent of 200: " + counts).isBetween(155, 199);
    }

    @Test
    @Order(4)
    void aHeaderPicksTheVersion() {
        apply("ap-1", "reviews-header.yaml");
        assertThat(count(10, "end-user", "jason").keySet())
                .hasSize(1)
                .isNotEqualTo(count(10).keySet());
    }

    @Test
    @Order(5)
    void rollbackBringsTheEarlierPolicyBackAsANewEvent() {
        JsonNode before = cli("eu-1")
                .run("mesh", "get", "bookinfo", "-o", "json")
                .expect(0)
                .json();
        String position = before.at("/position/epoch").asText() + "."
                + before.at("/position/seq").asText();
        apply("eu-1", "reviews-90-10.yaml");
        JsonNode rolled = cli("us-1")
                .run("rollback", "--mesh", "bookinfo", "--to", position, "--reason", "the drill", "-o", "json")
                .expect(0)
                .json();
        waitFor("us-1", rolled);
        assertThat(count(10, "end-user", "jason").keySet())
                .hasSize(1)
                .isNotEqualTo(count(10).keySet());
        assertThat(cli("ap-1")
                        .run("history", "--mesh", "bookinfo", "-o", "json")
                        .expect(0)
                        .out())
                .contains("the drill");
    }

    @Test
    @Order(6)
    void regionsTellTheSameHistory() {
        JsonNode head = cli("eu-1")
                .run("mesh", "get", "bookinfo", "-o", "json")
                .expect(0)
                .json()
                .get("position");
        String history = cli("eu-1")
                .run("history", "--mesh", "bookinfo", "-o", "json")
                .expect(0)
                .out();
        for (String region : List.of("us-1", "ap-1")) {
            Await.until(
                    region + " holds " + head,
                    SOON,
                    () -> cli(region)
                            .run("mesh", "get", "bookinfo", "-o", "json")
                            .json()
                            .get("position")
                            .equals(head));
            assertThat(cli(region)
                            .run("history", "--mesh", "bookinfo", "-o", "json")
                            .expect(0)
                            .out())
                    .isEqualTo(history);
        }
    }

    @Test
    @Order(7)
    void aKilledRegionCostsNoRequestAndCatchesUp() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<String> failure = new AtomicReference<>("");
        Thread load = Thread.ofVirtual().start(() -> {
            while (!stop.get()) {
                try {
                    HttpResponse<String> page = get("/productpage");
                    if (page.statusCode() != 200) {
                        failure.compareAndSet("", "status " + page.statusCode() + ": " + page.body());
                    }
                } catch (AssertionError e) {
                    failure.compareAndSet("", String.valueOf(e.getCause()));
                }
            }
        });
        demo(START, "kill-region", "us-1").expect(0);
        JsonNode written = cli("eu-1")
                .run(
                        "apply",
                        "--mesh",
                        "bookinfo",
                        "-f",
                        example("reviews-v3.yaml").toString(),
                        "-o",
                        "json")
                .expect(0)
                .json();
        Await.until("the proxies of us-1 are served by other regions", Duration.ofSeconds(40), () -> {
            JsonNode proxies = cli("eu-1")
                    .run("proxies", "--mesh", "bookinfo", "-o", "json")
                    .expect(0)
                    .json()
                    .get("proxies");
            for (JsonNode proxy : proxies) {
                if (!proxy.get("state").asText().equals("SYNCED")
                        || proxy.get("region").asText().equals("us-1")) {
                    return false;
                }
            }
            return proxies.size() >= 7;
        });
        assertThat(count(10)).containsOnlyKeys(Reviews.V3);
        stop.set(true);
        load.join();
        assertThat(failure.get()).isEmpty();
        demo(START, "start-region", "us-1").expect(0);
        Await.until(
                "us-1 caught up",
                Duration.ofSeconds(60),
                () -> cli("us-1")
                                .run("mesh", "get", "bookinfo", "-o", "json")
                                .json()
                                .at("/position/seq")
                                .asLong()
                        >= written.at("/position/seq").asLong());
    }

    @Test
    @Order(8)
    void whileTheHomeIsDownProxiesKeepTheirConfigurationAndReadsWork() {
        demo(START, "kill-region", "eu-1").expect(0);
        assertThat(count(10)).containsOnlyKeys(Reviews.V3);
        cli("us-1").run("history", "--mesh", "bookinfo", "-o", "json").expect(0);
        Launcher.Result refused =
                cli("us-1").run("namespace", "create", "late", "--mesh", "bookinfo", "--timeout", "3s");
        assertThat(refused.exit()).isGreaterThanOrEqualTo(2);
        assertThat(refused.err()).contains("eu-1");
        demo(START, "start-region", "eu-1").expect(0);
        Await.until(
                "the home takes writes again",
                Duration.ofSeconds(60),
                () -> cli("us-1")
                                .run("namespace", "create", "late", "--mesh", "bookinfo")
                                .exit()
                        == 0);
    }
}
