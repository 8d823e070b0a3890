package io.meridian.model.istio;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Whether a pattern is one that Envoy will take. Envoy compiles RE2 (github.com/google/re2/wiki/Syntax); here Java's compiler finds what is
 * malformed and a scan finds what RE2 lacks: lookaround, back references, possessive and atomic groups.
 */
final class Re2 {
    /** Istio's limit, in place of one on the size of the compiled program. */
    static final int MAX_LENGTH = 1024;

    private Re2() {}

    /** What is wrong, or empty. */
    static Optional<String> problem(String pattern) {
        if (pattern.isEmpty()) {
            return Optional.of("the regex must not be empty");
        }
        if (pattern.length() > MAX_LENGTH) {
            return Optional.of(
                    "the regex is " + pattern.length() + " characters long, at most " + MAX_LENGTH + " are allowed");
        }
        Optional<String> foreign = notInRe2(pattern);
        if (foreign.isPresent()) {
            return foreign;
        }
        try {
            Pattern.compile(pattern.replace("(?P<", "(?<"));
            return Optional.empty();
        } catch (PatternSyntaxException e) {
            return Optional.of("the regex is not valid RE2: " + e.getDescription() + " near index " + e.getIndex());
        }
    }

    private static Optional<String> notInRe2(String pattern) {
        boolean inClass = false;
        boolean afterQuantifier = false;
        for (int at = 0; at < pattern.length(); at++) {
            char c = pattern.charAt(at);
            boolean quantifier = false;
            if (c == '\\') {
                at++;
                if (at < pattern.length() && !inClass && isBackReference(pattern.charAt(at))) {
                    return unsupported("a back reference", at - 1);
                }
            } else if (inClass) {
                inClass = c != ']';
            } else if (c == '[') {
                inClass = true;
                at = skipLeadingBracket(pattern, at);
            } else if (c == '(' && isLookaround(pattern, at)) {
                return unsupported("lookaround or an atomic group", at);
            } else if (c == '+' && afterQuantifier) {
                return unsupported("a possessive quantifier", at);
            } else {
                quantifier = c == '*' || c == '+' || c == '?' || c == '}';
            }
            afterQuantifier = quantifier && !afterQuantifier;
        }
        return Optional.empty();
    }

    private static boolean isBackReference(char escaped) {
        return (escaped >= '1' && escaped <= '9') || escaped == 'k';
    }

    private static boolean isLookaround(String pattern, int at) {
        return pattern.startsWith("(?=", at)
                || pattern.startsWith("(?!", at)
                || pattern.startsWith("(?<=", at)
                || pattern.startsWith("(?<!", at)
                || pattern.startsWith("(?>", at);
    }

    /** A {@code ]} that comes first in a class is a member of it. */
    private static int skipLeadingBracket(String pattern, int at) {
        int next = at + 1;
        if (next < pattern.length() && pattern.charAt(next) == '^') {
            next++;
        }
        return next < pattern.length() && pattern.charAt(next) == ']' ? next : next - 1;
    }

    private static Optional<String> unsupported(String what, int index) {
        return Optional.of("the regex has " + what + " at index " + index + ", which RE2 does not support");
    }
}
