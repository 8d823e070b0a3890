package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.meridian.model.istio.StringMatch;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Conditions on strings, headers and query parameters. */
final class StringMatchers {
    /** No RE2, but what people write for "any value"; Istio takes it as such. */
    private static final StringMatch ANY = new StringMatch.Regex("*");

    private StringMatchers() {}

    static RegexMatcher regex(String pattern) {
        return RegexMatcher.newBuilder().setRegex(pattern).build();
    }

    /** Empty if there is no condition on the value. */
    static Optional<StringMatcher> string(StringMatch match) {
        if (isPresence(match)) {
            return Optional.empty();
        }
        StringMatcher.Builder matcher = StringMatcher.newBuilder();
        switch (match) {
            case StringMatch.Exact exact -> matcher.setExact(exact.value());
            case StringMatch.Prefix prefix -> matcher.setPrefix(prefix.value());
            case StringMatch.Regex regex -> matcher.setSafeRegex(regex(regex.pattern()));
            case StringMatch.Present present -> throw new IllegalStateException("no value to match: " + present);
        }
        return Optional.of(matcher.build());
    }

    static HeaderMatcher header(String name, StringMatch match) {
        HeaderMatcher.Builder matcher = HeaderMatcher.newBuilder().setName(name);
        string(match).ifPresentOrElse(matcher::setStringMatch, () -> matcher.setPresentMatch(true));
        return matcher.build();
    }

    /** The negation. A header that is missing counts as an empty one, unless the condition is that it is there. */
    static HeaderMatcher withoutHeader(String name, StringMatch match) {
        return header(name, match).toBuilder()
                .setInvertMatch(true)
                .setTreatMissingHeaderAsEmpty(!isPresence(match))
                .build();
    }

    static QueryParameterMatcher queryParameter(String name, StringMatch match) {
        QueryParameterMatcher.Builder matcher =
                QueryParameterMatcher.newBuilder().setName(name);
        string(match).ifPresentOrElse(matcher::setStringMatch, () -> matcher.setPresentMatch(true));
        return matcher.build();
    }

    static List<StringMatcher> strings(Collection<StringMatch> matches) {
        return matches.stream().flatMap(match -> string(match).stream()).toList();
    }

    private static boolean isPresence(StringMatch match) {
        return match instanceof StringMatch.Present || match.equals(ANY);
    }
}
