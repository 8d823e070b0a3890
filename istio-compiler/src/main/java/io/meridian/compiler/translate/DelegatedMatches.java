package io.meridian.compiler.translate;

import io.meridian.model.istio.HttpMatch;
import io.meridian.model.istio.StringMatch;
import io.meridian.model.istio.StringMatch.Exact;
import io.meridian.model.istio.StringMatch.Prefix;
import io.meridian.model.istio.StringMatch.Regex;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The conditions of a referring route and of a delegate's, together. */
final class DelegatedMatches {
    private DelegatedMatches() {}

    /**
     * Every combination that does not contradict itself.
     *
     * @param root alternatives of the referring route; empty: any request
     * @param own alternatives of the delegate's
     * @return empty if one of {@code own} goes with none of {@code root}
     */
    static Optional<List<HttpMatch>> merge(List<HttpMatch> root, List<HttpMatch> own) {
        if (root.isEmpty() || own.isEmpty()) {
            return Optional.of(root.isEmpty() ? own : root);
        }
        List<HttpMatch> merged = new ArrayList<>();
        for (HttpMatch match : own) {
            List<HttpMatch> compatible = root.stream()
                    .filter(outer -> !contradict(outer, match))
                    .map(outer -> both(outer, match))
                    .toList();
            if (compatible.isEmpty()) {
                return Optional.empty();
            }
            merged.addAll(compatible);
        }
        return Optional.of(merged);
    }

    private static HttpMatch both(HttpMatch root, HttpMatch own) {
        return new HttpMatch(
                Delegates.join(root.name(), own.name()),
                own.uri().or(root::uri),
                own.ignoreUriCase(),
                own.scheme().or(root::scheme),
                own.method().or(root::method),
                own.authority().or(root::authority),
                both(root.headers(), own.headers()),
                both(root.withoutHeaders(), own.withoutHeaders()),
                both(root.queryParams(), own.queryParams()),
                own.port().isPresent() ? own.port() : root.port(),
                both(root.sourceLabels(), own.sourceLabels()),
                own.sourceNamespace().or(root::sourceNamespace),
                own.gateways().isEmpty() ? root.gateways() : own.gateways(),
                own.statPrefix().or(root::statPrefix));
    }

    private static <V> Map<String, V> both(Map<String, V> root, Map<String, V> own) {
        Map<String, V> all = new TreeMap<>(root);
        all.putAll(own);
        return all;
    }

    static HttpMatch withGateways(HttpMatch match, List<String> gateways) {
        return new HttpMatch(
                match.name(),
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
                gateways,
                match.statPrefix());
    }

    private static boolean contradict(HttpMatch root, HttpMatch own) {
        return contradict(root.uri(), own.uri())
                || contradict(root.scheme(), own.scheme())
                || contradict(root.method(), own.method())
                || contradict(root.authority(), own.authority())
                || contradict(root.headers(), own.headers())
                || contradict(root.withoutHeaders(), own.withoutHeaders())
                || contradict(root.queryParams(), own.queryParams())
                || root.ignoreUriCase() != own.ignoreUriCase()
                || (root.port().isPresent()
                        && own.port().isPresent()
                        && !root.port().equals(own.port()))
                || (root.sourceNamespace().isPresent()
                        && !root.sourceNamespace().equals(own.sourceNamespace()))
                || labelsContradict(root.sourceLabels(), own.sourceLabels())
                || (!root.gateways().isEmpty()
                        && !own.gateways().isEmpty()
                        && !new HashSet<>(root.gateways()).containsAll(own.gateways()));
    }

    private static boolean labelsContradict(Map<String, String> root, Map<String, String> own) {
        return own.entrySet().stream()
                .anyMatch(label ->
                        !root.getOrDefault(label.getKey(), label.getValue()).equals(label.getValue()));
    }

    private static boolean contradict(Map<String, StringMatch> root, Map<String, StringMatch> own) {
        return own.entrySet().stream()
                .anyMatch(entry ->
                        contradict(Optional.ofNullable(root.get(entry.getKey())), Optional.of(entry.getValue())));
    }

    /** Whether {@code own} is not narrower than {@code root}. Regexes are not compared: together with any other condition they contradict. */
    private static boolean contradict(Optional<StringMatch> root, Optional<StringMatch> own) {
        if (root.isEmpty() || own.isEmpty()) {
            return false;
        }
        StringMatch inner = own.get();
        return switch (root.get()) {
            case Exact outer -> !inner.equals(outer);
            case Prefix outer ->
                switch (inner) {
                    case Exact exact -> !exact.value().startsWith(outer.value());
                    case Prefix prefix -> !prefix.value().startsWith(outer.value());
                    case Regex regex -> true;
                    case StringMatch.Present present -> true;
                };
            case Regex outer -> true;
            case StringMatch.Present outer -> !inner.equals(outer);
        };
    }
}
