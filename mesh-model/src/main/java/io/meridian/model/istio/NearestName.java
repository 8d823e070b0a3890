package io.meridian.model.istio;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Collectors;

/** What somebody who mistyped a field may have meant. */
final class NearestName {
    /** Longer names are not compared: nobody mistypes them, and the comparison costs their product. */
    private static final int MAX_LENGTH = 64;

    private NearestName() {}

    /** "; did you mean \"x\"?", or the list of the known names. */
    static String hint(String name, Collection<String> known) {
        if (name.length() <= MAX_LENGTH) {
            String plain = plain(name);
            var nearest = known.stream().min(Comparator.comparingInt(candidate -> distance(plain, plain(candidate))));
            if (nearest.isPresent() && distance(plain, plain(nearest.get())) <= Math.max(1, name.length() / 3)) {
                return "; did you mean \"" + nearest.get() + "\"?";
            }
        }
        return "; the fields are " + known.stream().sorted().collect(Collectors.joining(", "));
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("_", "");
    }

    /** Levenshtein's. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitution, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
