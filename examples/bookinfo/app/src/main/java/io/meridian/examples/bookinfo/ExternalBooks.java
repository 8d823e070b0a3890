package io.meridian.examples.bookinfo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** A service that is not of the mesh and is reached by a ServiceEntry: tells what it was asked, and as whom. */
final class ExternalBooks implements Function<Request, Response> {
    @Override
    public Response apply(Request request) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("service", "books");
        answer.put("message", "hello from outside the mesh");
        answer.put("host", request.header("Host").orElse(""));
        answer.put("path", request.path());
        return Response.json(200, answer);
    }
}
