package io.meridian.examples.bookinfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One egress listener stands in for all sidecars: it routes by Host, as a mesh does, to the version of reviews that the test chooses. */
class BookinfoAppTest {
    private final HttpClient client = Upstream.newClient(Duration.ofSeconds(5));
    private final ConcurrentLinkedQueue<Request> throughEgress = new ConcurrentLinkedQueue<>();
    private HttpService egress;
    private BookinfoApp app;
    private volatile String reviews = "reviews-v1";
    private volatile String broken = "";

    @BeforeEach
    void start() throws IOException {
        egress = HttpService.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), this::route);
        String url = "http://127.0.0.1:" + egress.address().getPort();
        app = BookinfoApp.start(AppOptions.parse(List.of(
                "--egress",
                "productpage-v1=" + url,
                "--egress",
                "reviews-v2=" + url,
                "--egress",
                "reviews-v3=" + url,
                "--cluster",
                "reviews-v2=vm-1")));
    }

    @AfterEach
    void stop() {
        app.close();
        egress.close();
        client.close();
    }

    @Test
    void reviewsV1HasNoStars() throws Exception {
        String page = get("productpage-v1", "/productpage", Map.of()).body();

        assertThat(page)
                .contains(
                        "<title>Simple Bookstore App</title>",
                        "The Comedy of Errors",
                        "PublisherA",
                        "Book Reviews",
                        "reviews-v1")
                .doesNotContain("glyphicon-star", "currently unavailable");
    }

    @Test
    void reviewsV2HasBlackStarsAndV3RedOnes() throws Exception {
        reviews = "reviews-v2";
        assertThat(get("productpage-v1", "/productpage", Map.of()).body())
                .contains("<font color=\"black\">", "glyphicon-star-empty", "reviews-v2", "vm-1");

        reviews = "reviews-v3";
        assertThat(get("productpage-v1", "/productpage", Map.of()).body())
                .contains("<font color=\"red\">")
                .doesNotContain("black");
    }

    @Test
    void theApiAnswersAsBookinfos() throws Exception {
        reviews = "reviews-v3";
        assertThat(Json.parse(
                        get("productpage-v1", "/api/v1/products", Map.of()).body()))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .hasSize(1);
        Object details =
                Json.parse(get("productpage-v1", "/api/v1/products/7", Map.of()).body());
        assertThat(Json.at(details, "id")).isEqualTo(7L);
        assertThat(Json.at(details, "ISBN-10")).isEqualTo("1234567890");
        Object ratings = Json.parse(
                get("productpage-v1", "/api/v1/products/0/ratings", Map.of()).body());
        assertThat(Json.at(ratings, "ratings", "Reviewer2")).isEqualTo(4L);
        Object answer = Json.parse(
                get("productpage-v1", "/api/v1/products/0/reviews", Map.of()).body());
        assertThat(Json.at(answer, "podname")).isEqualTo("reviews-v3");
        assertThat(Json.at(answer, "reviews"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .first()
                .satisfies(
                        first -> assertThat(Json.at(first, "rating", "color")).isEqualTo("red"))
                .satisfies(
                        first -> assertThat(Json.at(first, "rating", "stars")).isEqualTo(5L));
    }

    @Test
    void userAgentAndTracingHeadersAreForwardedAlongTheChain() throws Exception {
        reviews = "reviews-v2";
        get(
                "productpage-v1",
                "/productpage",
                Map.of("end-user", "jason", "x-request-id", "r-1", "traceparent", "00-1-2-01", "x-other", "no"));

        assertThat(throughEgress).hasSize(3).allSatisfy(request -> {
            assertThat(request.header("end-user")).contains("jason");
            assertThat(request.header("x-request-id")).contains("r-1");
            assertThat(request.header("traceparent")).contains("00-1-2-01");
            assertThat(request.header("user-agent"))
                    .hasValueSatisfying(agent -> assertThat(agent).isNotEmpty());
            assertThat(request.header("x-other")).isEmpty();
        });
        assertThat(throughEgress.stream().map(request -> request.header("Host").orElseThrow()))
                .containsExactlyInAnyOrder("details:9080", "reviews:9080", "ratings:9080");
    }

    @Test
    void whoLogsInIsTheEndUserFromThenOn() throws Exception {
        HttpResponse<String> login = client.send(
                HttpRequest.newBuilder(uri("productpage-v1", "/login"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("username=jason&passwd=x"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(login.statusCode()).isEqualTo(302);
        String cookie = login.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];

        assertThat(get("productpage-v1", "/productpage", Map.of("Cookie", cookie))
                        .body())
                .contains("jason");
        assertThat(throughEgress)
                .allSatisfy(request -> assertThat(request.header("end-user")).contains("jason"));
    }

    @Test
    void aCookieWithALineEndMakesNoHeader() throws Exception {
        get("productpage-v1", "/productpage", Map.of("Cookie", "session=a%0d%0ax-evil:%201"));

        assertThat(throughEgress)
                .isNotEmpty()
                .allSatisfy(request -> assertThat(request.headers()).doesNotContainKeys("End-user", "X-evil"));
    }

    @Test
    void thePageSaysWhichDependencyFailsAndStaysUp() throws Exception {
        broken = "reviews:9080";
        HttpResponse<String> page = get("productpage-v1", "/productpage", Map.of());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains(
                        "Error fetching product reviews!", "product reviews are currently unavailable", "Book Details");
        assertThat(get("productpage-v1", "/api/v1/products/0/reviews", Map.of()).statusCode())
                .isEqualTo(503);

        broken = "ratings:9080";
        reviews = "reviews-v2";
        assertThat(get("productpage-v1", "/productpage", Map.of()).body())
                .contains("Ratings service is currently unavailable", "Book Reviews");
    }

    @Test
    void textFromUsersIsEscaped() throws Exception {
        assertThat(get("productpage-v1", "/productpage", Map.of("end-user", "<script>x</script>"))
                        .body())
                .contains("&lt;script&gt;")
                .doesNotContain("<script>");
    }

    @Test
    void postedRatingsAreKept() throws Exception {
        HttpResponse<String> posted = post("/ratings/3", "{\"Reviewer1\": 1}");
        assertThat(posted.statusCode()).isEqualTo(200);
        assertThat(get("ratings-v1", "/ratings/3", Map.of()).body())
                .isEqualTo("{\"id\":3,\"ratings\":{\"Reviewer1\":1}}");
        assertThat(post("/ratings/3", "{\"Reviewer1\": 9}").statusCode()).isEqualTo(400);
        assertThat(post("/ratings/3", "{").statusCode()).isEqualTo(400);
        assertThat(post("/ratings/3", "x".repeat(HttpService.MAX_BODY_BYTES + 1))
                        .statusCode())
                .isEqualTo(413);
    }

    @Test
    void everyServiceTellsItsHealthAndRefusesWhatItHasNot() throws Exception {
        for (String service : List.of("productpage-v1", "details-v1", "ratings-v1", "reviews-v1")) {
            assertThat(get(service, "/health", Map.of()).body()).contains("is healthy");
            assertThat(get(service, "/nothing", Map.of()).statusCode()).isEqualTo(404);
        }
        assertThat(get("details-v1", "/details/x", Map.of()).statusCode()).isEqualTo(400);
        assertThat(get("productpage-v1", "/api/v1/products/x", Map.of()).statusCode())
                .isEqualTo(400);
        assertThat(get("productpage-v1", "/api/v1/products/0/reviews/1", Map.of())
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void theExternalServiceTellsWhatItWasAsked() throws Exception {
        Object answer = Json.parse(get("external-books", "/isbn/1", Map.of()).body());
        assertThat(Json.at(answer, "path")).isEqualTo("/isbn/1");
        assertThat(Json.at(answer, "service")).isEqualTo("books");
    }

    @Test
    void aTakenAddressIsNamed() {
        String taken = "127.0.0.1:" + egress.address().getPort();
        assertThatThrownBy(() -> BookinfoApp.start(
                        AppOptions.parse(List.of("--services", "details-v1", "--listen", "details-v1=" + taken))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("details-v1 cannot listen at");
    }

    @Test
    void badOptionsAreExplained() {
        Map<List<String>, String> cases = Map.of(
                List.of("--services", "nothing"), "there is no service 'nothing'",
                List.of("--listen", "details-v1"), "NAME=VALUE",
                List.of("--listen", "details-v1=127.0.0.1:99999"), "is not HOST:PORT",
                List.of("--egress"), "needs a value",
                List.of("--else", "x"), "is not an option");
        cases.forEach((args, message) -> assertThatThrownBy(() -> AppOptions.parse(args))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message));
    }

    private Response route(Request request) {
        throughEgress.add(request);
        String host = request.header("Host").orElse("");
        if (host.equals(broken)) {
            return Response.text(503, "no healthy upstream");
        }
        String service = switch (host) {
            case "details:9080" -> "details-v1";
            case "ratings:9080" -> "ratings-v1";
            case "reviews:9080" -> reviews;
            default -> throw new IllegalStateException("unexpected host " + host);
        };
        return forward(service, request);
    }

    private Response forward(String service, Request request) {
        Function<Map<String, String>, HttpResponse<String>> call = headers -> {
            try {
                return get(service, request.path(), headers);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        };
        HttpResponse<String> answer = call.apply(ForwardedHeaders.of(request));
        return new Response(answer.statusCode(), "application/json", answer.body(), Map.of());
    }

    private HttpResponse<String> get(String service, String path, Map<String, String> headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(service, path));
        headers.forEach(request::header);
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(uri("ratings-v1", path))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String service, String path) {
        return URI.create("http://127.0.0.1:" + app.address(service).getPort() + path);
    }
}
