package io.meridian.core.admin;

import io.meridian.core.rpc.Errors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Kubernetes' label selectors: "app=reviews,version!=v1,tier in (web, api),!canary". All requirements must hold. */
final class LabelSelector implements Predicate<Map<String, String>> {
    static final int MAX_CHARS = 2_048;

    private static final String KEY = "([A-Za-z0-9][-A-Za-z0-9_./]*)";
    private static final String VALUE = "([-A-Za-z0-9_.]*)";
    private static final Pattern EQUALS = Pattern.compile(KEY + "\\s*==?\\s*" + VALUE);
    private static final Pattern DIFFERS = Pattern.compile(KEY + "\\s*!=\\s*" + VALUE);
    private static final Pattern SET = Pattern.compile(KEY + "\\s+(in|notin)\\s*\\(([-A-Za-z0-9_.,\\s]*)\\)");
    private static final Pattern EXISTS = Pattern.compile("(!?)\\s*" + KEY);
    /** Commas that do not stand in parentheses. */
    private static final Pattern SEPARATOR = Pattern.compile(",(?![^(]*\\))");

    private final List<Predicate<Map<String, String>>> requirements;

    private LabelSelector(List<Predicate<Map<String, String>>> requirements) {
        this.requirements = requirements;
    }

    /** An empty one selects everything. */
    static LabelSelector parse(String field, String selector) {
        List<Predicate<Map<String, String>>> requirements = new ArrayList<>();
        if (selector.length() > MAX_CHARS) {
            throw Errors.invalid(field, "has " + selector.length() + " characters; at most " + MAX_CHARS);
        }
        if (!selector.isBlank()) {
            for (String part : SEPARATOR.split(selector, -1)) {
                requirements.add(requirement(field, part.strip()));
            }
        }
        return new LabelSelector(requirements);
    }

    private static Predicate<Map<String, String>> requirement(String field, String text) {
        Matcher set = SET.matcher(text);
        if (set.matches()) {
            String key = set.group(1);
            Set<String> values =
                    Stream.of(set.group(3).split(",", -1)).map(String::strip).collect(Collectors.toUnmodifiableSet());
            boolean in = set.group(2).equals("in");
            return labels -> (labels.containsKey(key) && values.contains(labels.get(key))) == in;
        }
        Matcher differs = DIFFERS.matcher(text);
        if (differs.matches()) {
            return labels -> !differs.group(2).equals(labels.get(differs.group(1)));
        }
        Matcher equal = EQUALS.matcher(text);
        if (equal.matches()) {
            return labels -> equal.group(2).equals(labels.get(equal.group(1)));
        }
        Matcher exists = EXISTS.matcher(text);
        if (exists.matches()) {
            boolean wanted = exists.group(1).isEmpty();
            return labels -> labels.containsKey(exists.group(2)) == wanted;
        }
        throw Errors.invalid(
                field,
                "\"" + text + "\" is not a requirement; the forms are KEY=VALUE, KEY!=VALUE, KEY in (A,B), KEY notin"
                        + " (A,B), KEY and !KEY");
    }

    @Override
    public boolean test(Map<String, String> labels) {
        return requirements.stream().allMatch(requirement -> requirement.test(labels));
    }
}
