package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Conditions of routes for calls of gRPC clients to one host and port. A client sees a call's path and metadata, but no method, scheme and authority
 * (gRFC A28); those are known beforehand, so that conditions on them are settled here.
 */
record GrpcMatches(String host, int port) {
    private static final String METHOD = "POST";

    /** Nothing is encrypted between proxies, whatever the mesh's mTLS mode. */
    private static final String SCHEME = "http";

    /** Conditions of one match that are told apart by cases; each doubles the routes. */
    private static final int MOST_CASES = 3;

    private static final String ANYTHING = ".*";

    /** Matches that together mean the same to a client; none if no call can meet it. */
    List<RouteMatch> alternatives(RouteMatch match) {
        // A call's path has no query.
        if (match.getQueryParametersCount() > 0) {
            return List.of();
        }
        List<List<HeaderMatcher>> alternatives = List.of(List.of());
        int cases = 0;
        for (HeaderMatcher header : match.getHeadersList()) {
            if (header.getName().startsWith(":")) {
                if (!isMet(header)) {
                    return List.of();
                }
                continue;
            }
            List<HeaderMatcher> ways = ways(header);
            if (ways.size() > 1 && ++cases > MOST_CASES) {
                // Not all that it allows, but nothing that it does not.
                ways = ways.subList(0, 1);
            }
            alternatives = product(alternatives, ways);
        }
        return alternatives.stream()
                .map(headers ->
                        match.toBuilder().clearHeaders().addAllHeaders(headers).build())
                .toList();
    }

    private static List<List<HeaderMatcher>> product(List<List<HeaderMatcher>> some, List<HeaderMatcher> ways) {
        List<List<HeaderMatcher>> all = new ArrayList<>();
        for (HeaderMatcher way : ways) {
            for (List<HeaderMatcher> headers : some) {
                List<HeaderMatcher> more = new ArrayList<>(headers);
                more.add(way);
                all.add(List.copyOf(more));
            }
        }
        return List.copyOf(all);
    }

    /** To a client a header that is missing meets no condition on its value, not even a negated one: that it is missing is a case of its own. */
    private static List<HeaderMatcher> ways(HeaderMatcher header) {
        if (!header.getTreatMissingHeaderAsEmpty()) {
            return List.of(header);
        }
        HeaderMatcher another =
                header.toBuilder().clearTreatMissingHeaderAsEmpty().build();
        boolean emptyIsMeant = isMet(header.getStringMatch(), "");
        if (emptyIsMeant == header.getInvertMatch()) {
            return List.of(another);
        }
        HeaderMatcher missing = HeaderMatcher.newBuilder()
                .setName(header.getName())
                .setPresentMatch(true)
                .setInvertMatch(true)
                .build();
        return List.of(missing, another);
    }

    /** Whether calls meet a condition on what is no header to them. */
    private boolean isMet(HeaderMatcher header) {
        boolean met = header.hasPresentMatch()
                || values(header.getName()).stream().anyMatch(value -> isMet(header.getStringMatch(), value));
        return met != header.getInvertMatch();
    }

    /** By what a channel names the host in full; short forms of it are not known here. */
    private List<String> values(String name) {
        return switch (name) {
            case ":method" -> List.of(METHOD);
            case ":scheme" -> List.of(SCHEME);
            case ":authority" -> List.of(host + ":" + port, host);
            default -> List.of();
        };
    }

    private static boolean isMet(StringMatcher matcher, String value) {
        return switch (matcher.getMatchPatternCase()) {
            case EXACT -> value.equals(matcher.getExact());
            case PREFIX -> value.startsWith(matcher.getPrefix());
            case SAFE_REGEX -> isMet(matcher.getSafeRegex().getRegex(), value);
            default -> false;
        };
    }

    /** Of regular expressions on hosts only the simplest is asked: Java's could take for ever on a long text. */
    private static boolean isMet(String regex, String value) {
        if (regex.equals(ANYTHING)) {
            return true;
        }
        try {
            return value.length() <= METHOD.length()
                    && Pattern.compile(regex).matcher(value).matches();
        } catch (PatternSyntaxException e) {
            // RE2's syntax that Java lacks: a group's name, at most.
            return false;
        }
    }
}
