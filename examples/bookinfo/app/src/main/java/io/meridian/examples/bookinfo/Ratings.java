package io.meridian.examples.bookinfo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Stars by reviewer: {@code GET /ratings/ID}; {@code POST /ratings/ID} replaces them until the process ends. */
final class Ratings implements Function<Request, Response> {
    private static final String PATH = "/ratings/";

    /** Posts to other products than these many are refused. */
    private static final int MAX_PRODUCTS = 1000;

    private static final int MAX_STARS = 5;

    private final Map<Long, Map<String, Long>> posted = new ConcurrentHashMap<>();

    @Override
    public Response apply(Request request) {
        if (request.path().equals("/health")) {
            return Response.json(200, Map.of("status", "Ratings is healthy"));
        }
        if (!request.path().startsWith(PATH)) {
            return Response.error(404, "not found");
        }
        return ProductId.parse(request.path().substring(PATH.length()))
                .map(id -> request.method().equals("POST") ? post(id, request.body()) : ratings(id))
                .orElseGet(() -> Response.error(400, ProductId.MESSAGE));
    }

    private Response ratings(long id) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", id);
        answer.put("ratings", posted.getOrDefault(id, bookinfos()));
        return Response.json(200, answer);
    }

    private Response post(long id, String body) {
        Map<String, Long> ratings = new LinkedHashMap<>();
        try {
            if (!(Json.parse(body) instanceof Map<?, ?> stars)) {
                return Response.error(400, "please provide valid ratings JSON");
            }
            for (Map.Entry<?, ?> star : stars.entrySet()) {
                if (!(star.getValue() instanceof Long count) || count < 0 || count > MAX_STARS) {
                    return Response.error(400, "stars are a number from 0 to " + MAX_STARS);
                }
                ratings.put(String.valueOf(star.getKey()), count);
            }
        } catch (IllegalArgumentException e) {
            return Response.error(400, "please provide valid ratings JSON: " + e.getMessage());
        }
        if (posted.size() >= MAX_PRODUCTS && !posted.containsKey(id)) {
            return Response.error(429, "ratings of at most " + MAX_PRODUCTS + " products are kept");
        }
        posted.put(id, ratings);
        return ratings(id);
    }

    private static Map<String, Long> bookinfos() {
        Map<String, Long> ratings = new LinkedHashMap<>();
        ratings.put("Reviewer1", 5L);
        ratings.put("Reviewer2", 4L);
        return ratings;
    }
}
