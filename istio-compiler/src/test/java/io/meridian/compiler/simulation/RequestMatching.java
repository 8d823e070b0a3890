package io.meridian.compiler.simulation;

import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Whether a route is for a request. */
final class RequestMatching {
    private RequestMatching() {}

    static boolean matches(RouteMatch match, SimulatedRequest request) {
        return pathMatches(match, request.pathWithoutQuery())
                && match.getHeadersList().stream().allMatch(header -> matches(header, request))
                && match.getQueryParametersList().stream().allMatch(parameter -> matches(parameter, request));
    }

    private static boolean pathMatches(RouteMatch match, String path) {
        boolean ignoreCase =
                match.hasCaseSensitive() && !match.getCaseSensitive().getValue();
        String given = ignoreCase ? path.toLowerCase(Locale.ROOT) : path;
        return switch (match.getPathSpecifierCase()) {
            case PREFIX -> given.startsWith(cased(match.getPrefix(), ignoreCase));
            case PATH -> given.equals(cased(match.getPath(), ignoreCase));
            case SAFE_REGEX -> Pattern.matches(match.getSafeRegex().getRegex(), path);
            case PATH_SEPARATED_PREFIX -> {
                String prefix = cased(match.getPathSeparatedPrefix(), ignoreCase);
                yield given.equals(prefix) || given.startsWith(prefix + "/");
            }
            default -> throw new IllegalStateException("not modelled: " + match);
        };
    }

    private static String cased(String text, boolean ignoreCase) {
        return ignoreCase ? text.toLowerCase(Locale.ROOT) : text;
    }

    private static boolean matches(HeaderMatcher matcher, SimulatedRequest request) {
        Optional<String> value = request.header(matcher.getName());
        return switch (matcher.getHeaderMatchSpecifierCase()) {
            case PRESENT_MATCH -> (value.isPresent() == matcher.getPresentMatch()) != matcher.getInvertMatch();
            case STRING_MATCH -> {
                if (value.isEmpty() && !matcher.getTreatMissingHeaderAsEmpty()) {
                    yield false;
                }
                yield matches(matcher.getStringMatch(), value.orElse("")) != matcher.getInvertMatch();
            }
            default -> throw new IllegalStateException("not modelled: " + matcher);
        };
    }

    private static boolean matches(QueryParameterMatcher matcher, SimulatedRequest request) {
        Optional<String> value = Optional.ofNullable(request.queryParameters().get(matcher.getName()));
        return switch (matcher.getQueryParameterMatchSpecifierCase()) {
            case STRING_MATCH ->
                value.filter(text -> matches(matcher.getStringMatch(), text)).isPresent();
            default -> value.isPresent();
        };
    }

    static boolean matches(StringMatcher matcher, String text) {
        boolean ignoreCase = matcher.getIgnoreCase();
        return switch (matcher.getMatchPatternCase()) {
            case EXACT -> cased(text, ignoreCase).equals(cased(matcher.getExact(), ignoreCase));
            case PREFIX -> cased(text, ignoreCase).startsWith(cased(matcher.getPrefix(), ignoreCase));
            case SUFFIX -> cased(text, ignoreCase).endsWith(cased(matcher.getSuffix(), ignoreCase));
            case CONTAINS -> cased(text, ignoreCase).contains(cased(matcher.getContains(), ignoreCase));
            case SAFE_REGEX -> Pattern.matches(matcher.getSafeRegex().getRegex(), text);
            default -> throw new IllegalStateException("not modelled: " + matcher);
        };
    }
}
