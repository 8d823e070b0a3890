package io.meridian.examples.bookinfo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** What is printed on the book: {@code GET /details/ID}. */
final class Details implements Function<Request, Response> {
    private static final String PATH = "/details/";

    @Override
    public Response apply(Request request) {
        if (request.path().equals("/health")) {
            return Response.json(200, Map.of("status", "Details is healthy"));
        }
        if (!request.path().startsWith(PATH)) {
            return Response.error(404, "not found");
        }
        return ProductId.parse(request.path().substring(PATH.length()))
                .map(id -> Response.json(200, details(id)))
                .orElseGet(() -> Response.error(400, ProductId.MESSAGE));
    }

    private static Map<String, Object> details(long id) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("id", id);
        details.put("author", "William Shakespeare");
        details.put("year", 1595);
        details.put("type", "paperback");
        details.put("pages", 200);
        details.put("publisher", "PublisherA");
        details.put("language", "English");
        details.put("ISBN-10", "1234567890");
        details.put("ISBN-13", "123-1234567890");
        return details;
    }
}
