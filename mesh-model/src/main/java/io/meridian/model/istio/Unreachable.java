package io.meridian.model.istio;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * HTTP routes that no request can come to, since the first match wins: IST0130 for a whole route, IST0131 for one of its matches. Finds what
 * Istio's analyzer finds (repeated matches, a second catch-all) and what stands behind any catch-all.
 */
final class Unreachable {
    static final String RULE = "IST0130";
    static final String MATCH = "IST0131";

    /** {@code code}: one of the two. */
    record Found(String code, String field, String message) {}

    private Unreachable() {}

    static List<Found> in(List<HttpRoute> routes) {
        List<Found> found = new ArrayList<>();
        Map<HttpMatch, Integer> seen = new HashMap<>();
        Optional<Integer> catchAll = Optional.empty();
        for (int i = 0; i < routes.size(); i++) {
            HttpRoute route = routes.get(i);
            String field = "spec.http[" + i + "]";
            if (catchAll.isPresent()) {
                found.add(new Found(
                        RULE, field, "is never used: http[" + catchAll.get() + "] before it takes every request"));
                continue;
            }
            found.addAll(repeated(field, i, route.matches(), seen));
            if (route.matchesAll()) {
                catchAll = Optional.of(i);
            }
        }
        return found;
    }

    private static List<Found> repeated(
            String field, int route, List<HttpMatch> matches, Map<HttpMatch, Integer> seen) {
        List<Found> found = new ArrayList<>();
        Set<HttpMatch> own = new HashSet<>();
        for (int i = 0; i < matches.size(); i++) {
            HttpMatch match = nameless(matches.get(i));
            Integer earlier = seen.putIfAbsent(match, route);
            if (earlier != null || !own.add(match)) {
                int by = earlier == null ? route : earlier;
                found.add(new Found(
                        MATCH,
                        field + ".match[" + i + "]",
                        "has no effect: http[" + by + "] has the same match before it"));
            }
        }
        if (!matches.isEmpty() && found.size() == matches.size()) {
            return List.of(new Found(RULE, field, "is never used: all its matches stand in routes before it"));
        }
        return found;
    }

    /** Names do not part matches. */
    private static HttpMatch nameless(HttpMatch match) {
        return new HttpMatch(
                Optional.empty(),
                match.uri(),
                match.ignoreUriCase(),
                match.scheme(),
                match.method(),
                match.authority(),
                match.headers(),
                match.withoutHeaders(),
                match.queryParams(),
                match.port(),
                match.sourceLabels(),
                match.sourceNamespace(),
                match.gateways(),
                Optional.empty());
    }
}
