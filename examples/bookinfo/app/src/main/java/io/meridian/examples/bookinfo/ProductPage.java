package io.meridian.examples.bookinfo;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The shop: a page per book from what details and reviews tell, and the same as an API. Where one of them fails, the page says so. */
final class ProductPage implements Function<Request, Response> {
    private static final String PRODUCTS = "/api/v1/products";
    private static final String SESSION_COOKIE = "session";
    private static final long THE_BOOK = 0;
    private static final String TITLE = "The Comedy of Errors";
    private static final String DESCRIPTION_HTML =
            "<a href=\"https://en.wikipedia.org/wiki/The_Comedy_of_Errors\">Wikipedia"
                    + " Summary</a>: one of <b>Shakespeare's</b> first plays and his shortest: two pairs of twins, one town, and nobody"
                    + " knows who is who.";

    /** Bookinfo's; its exercises with injected delays depend on it. */
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    /** Bookinfo asks reviews a second time before it gives up. */
    private static final int REVIEW_ATTEMPTS = 2;

    private final Upstream details;
    private final Upstream reviews;
    private final Upstream ratings;

    ProductPage(Upstream details, Upstream reviews, Upstream ratings) {
        this.details = details;
        this.reviews = reviews;
        this.ratings = ratings;
    }

    @Override
    public Response apply(Request request) {
        String path = request.path();
        return switch (path) {
            case "/" -> Response.html(Pages.index(TITLE));
            case "/health" -> Response.text(200, "Product page is healthy");
            case "/productpage" -> page(request);
            case "/login" -> login(request);
            case "/logout" -> Response.redirect("/productpage", SESSION_COOKIE + "=; Path=/; Max-Age=0");
            case "/static/bookinfo.css" -> Response.css(Pages.STYLE);
            case PRODUCTS -> Response.json(200, List.of(product()));
            default -> path.startsWith(PRODUCTS + "/") ? api(request) : Response.error(404, "not found");
        };
    }

    private Response page(Request request) {
        Map<String, String> headers = forwarded(request);
        Optional<String> user = Optional.ofNullable(headers.get(ForwardedHeaders.END_USER));
        return Response.html(
                Pages.product(TITLE, DESCRIPTION_HTML, user, details(THE_BOOK, headers), reviews(THE_BOOK, headers)));
    }

    private Response api(Request request) {
        String[] parts = request.path().substring(PRODUCTS.length() + 1).split("/", -1);
        Optional<Long> id = ProductId.parse(parts[0]);
        if (id.isEmpty()) {
            return Response.error(400, ProductId.MESSAGE);
        }
        Map<String, String> headers = forwarded(request);
        Optional<Found> found = switch (parts.length == 1 ? "" : parts.length == 2 ? parts[1] : "?") {
            case "" -> Optional.of(details(id.get(), headers));
            case "reviews" -> Optional.of(reviews(id.get(), headers));
            case "ratings" -> Optional.of(ratings(id.get(), headers));
            default -> Optional.empty();
        };
        return found.map(answer -> Response.json(answer.status(), answer.value()))
                .orElseGet(() -> Response.error(404, "not found"));
    }

    private static Response login(Request request) {
        String user = request.form().getOrDefault("username", "");
        return Response.redirect(
                "/productpage",
                SESSION_COOKIE + "=" + URLEncoder.encode(user, StandardCharsets.UTF_8) + "; Path=/; HttpOnly");
    }

    /** What the request has, and the user who logged in as {@code end-user}. */
    private static Map<String, String> forwarded(Request request) {
        Map<String, String> headers = ForwardedHeaders.of(request);
        request.cookie(SESSION_COOKIE)
                .filter(ProductPage::isHeaderValue)
                .ifPresent(user -> headers.put(ForwardedHeaders.END_USER, user));
        return headers;
    }

    /** A decoded cookie may hold anything, also line ends, which would make headers of their own. */
    private static boolean isHeaderValue(String value) {
        return !value.isEmpty() && value.chars().allMatch(c -> c >= ' ' && c < 127);
    }

    private Found details(long id, Map<String, String> headers) {
        return found(details.get("/details/" + id, headers, TIMEOUT), "product details are");
    }

    private Found ratings(long id, Map<String, String> headers) {
        return found(ratings.get("/ratings/" + id, headers, TIMEOUT), "product ratings are");
    }

    private Found reviews(long id, Map<String, String> headers) {
        Upstream.Answer answer = Upstream.Answer.NONE;
        for (int attempt = 0; attempt < REVIEW_ATTEMPTS && !answer.ok(); attempt++) {
            answer = reviews.get("/reviews/" + id, headers, TIMEOUT);
        }
        return found(answer, "product reviews are");
    }

    private static Found found(Upstream.Answer answer, String what) {
        if (answer.ok()) {
            try {
                return new Found(200, Json.parse(answer.body()));
            } catch (IllegalArgumentException e) {
                System.err.println("unreadable answer error=" + e.getMessage());
            }
        }
        int status = answer.ok() ? 502 : answer.status();
        return new Found(status, Map.of("error", "Sorry, " + what + " currently unavailable for this book."));
    }

    private static Map<String, Object> product() {
        Map<String, Object> product = new LinkedHashMap<>();
        product.put("id", THE_BOOK);
        product.put("title", TITLE);
        product.put("descriptionHtml", DESCRIPTION_HTML);
        return product;
    }

    /** What a service answered, or an object with {@code error}. */
    record Found(int status, Object value) {}
}
