package io.meridian.examples.bookinfo;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Two reviews, {@code GET /reviews/ID}: v1 without stars, v2 with black ones, v3 with red ones. */
final class Reviews implements Function<Request, Response> {
    private static final String PATH = "/reviews/";

    private final String pod;
    private final String cluster;
    private final Optional<Stars> stars;

    /** Where stars come from. The time-outs are Bookinfo's, on which its exercises with injected delays depend. */
    record Stars(Upstream ratings, String color, Duration timeout) {
        static Stars black(Upstream ratings) {
            return new Stars(ratings, "black", Duration.ofSeconds(10));
        }

        static Stars red(Upstream ratings) {
            return new Stars(ratings, "red", Duration.ofMillis(2500));
        }
    }

    /** {@code pod} and {@code cluster}: who answered, told in the answer. */
    Reviews(String pod, String cluster, Optional<Stars> stars) {
        this.pod = pod;
        this.cluster = cluster;
        this.stars = stars;
    }

    @Override
    public Response apply(Request request) {
        if (request.path().equals("/health")) {
            return Response.json(200, Map.of("status", "Reviews is healthy"));
        }
        if (!request.path().startsWith(PATH)) {
            return Response.error(404, "not found");
        }
        return ProductId.parse(request.path().substring(PATH.length()))
                .map(id -> Response.json(200, reviews(id, request)))
                .orElseGet(() -> Response.error(400, ProductId.MESSAGE));
    }

    private Map<String, Object> reviews(long id, Request request) {
        Optional<Upstream.Answer> ratings =
                stars.map(from -> from.ratings().get("/ratings/" + id, ForwardedHeaders.of(request), from.timeout()));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", String.valueOf(id));
        answer.put("podname", pod);
        answer.put("clustername", cluster);
        answer.put(
                "reviews",
                List.of(
                        review(
                                "Reviewer1",
                                "A most cheerful play by Shakespeare, and the slapstick is refreshing!",
                                ratings),
                        review(
                                "Reviewer2",
                                "Great fun from start to end, if not as deep as his later plays.",
                                ratings)));
        return answer;
    }

    private Map<String, Object> review(String reviewer, String text, Optional<Upstream.Answer> ratings) {
        Map<String, Object> review = new LinkedHashMap<>();
        review.put("reviewer", reviewer);
        review.put("text", text);
        ratings.ifPresent(answer -> review.put("rating", rating(reviewer, answer)));
        return review;
    }

    private Map<String, Object> rating(String reviewer, Upstream.Answer answer) {
        Optional<Long> count = answer.ok() ? count(answer.body(), reviewer) : Optional.empty();
        Map<String, Object> rating = new LinkedHashMap<>();
        if (count.isPresent()) {
            rating.put("stars", count.get());
            rating.put("color", stars.map(Stars::color).orElse(""));
        } else {
            rating.put("error", "Ratings service is currently unavailable");
        }
        return rating;
    }

    private static Optional<Long> count(String body, String reviewer) {
        try {
            return Json.at(Json.parse(body), "ratings", reviewer) instanceof Long count
                    ? Optional.of(count)
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
