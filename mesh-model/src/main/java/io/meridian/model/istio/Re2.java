package io.meridian.model.istio;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Whether a pattern is one that Envoy will take. Envoy compiles RE2 (github.com/google/re2/wiki/Syntax); here Java's compiler finds what is
 * malformed and a scan finds what RE2 lacks: lookaround, back references, possessive and atomic groups, repeated repetitions, Java's own
 * escapes, classes and flags, and programs that are too large.
 */
final class Re2 {
    /** Istio's limit on the text. */
    static final int MAX_LENGTH = 1024;

    /** RE2's limit on a repetition's count, and on the product of nested ones. */
    private static final long MAX_REPETITION = 1000;

    /** Of instructions, roughly; half of what Istio's bootstrap sets as re2.max_program_size.error_level, since the count is an estimate. */
    private static final long MAX_PROGRAM = 16_384;

    /** Instructions of what matches one character of many, in UTF-8. */
    private static final int CLASS_COST = 10;

    private static final String ESCAPES = "afntrvdDsSwWbBAzx";
    private static final String CLASS_ESCAPES = "afntrvdDsSwWx";
    private static final Set<String> CATEGORIES = Set.of(
            "C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl",
            "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs");
    private static final Pattern PROPERTY = Pattern.compile("[pP](?:([A-Z])|\\{\\^?([A-Za-z_]+)})");
    private static final Pattern GROUP = Pattern.compile("\\(\\?(P?<[A-Za-z_]\\w*>|[imsU]*(-[imsU]+)?[:)])");
    private static final Pattern COUNTED = Pattern.compile("\\{(\\d{1,9})(,(\\d{1,9})?)?}");
    private static final Pattern POSIX_CLASS = Pattern.compile(
            "\\[:\\^?(alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):]");

    private final String pattern;
    private int at;
    /** Of the groups around {@link #at}: the largest product of counted repetitions and the instructions so far. */
    private final Deque<Size> outer = new ArrayDeque<>();

    private Size group = new Size();
    /** What a repetition that comes next would repeat. */
    private Size atom = new Size();

    private boolean repeated;

    private static final class Size {
        long product = 1;
        long instructions;
    }

    /** What RE2 lacks, found at {@code index}. */
    private static final class ForeignException extends Exception {
        private static final long serialVersionUID = 1;

        private final String problem;

        ForeignException(String problem) {
            super(problem);
            this.problem = problem;
        }
    }

    private Re2(String pattern) {
        this.pattern = pattern;
    }

    /** What is wrong, or empty. */
    static Optional<String> problem(String pattern) {
        if (pattern.isEmpty()) {
            return Optional.of("the regex must not be empty");
        }
        if (pattern.length() > MAX_LENGTH) {
            return Optional.of(
                    "the regex is " + pattern.length() + " characters long, at most " + MAX_LENGTH + " are allowed");
        }
        try {
            new Re2(pattern).scan();
            Pattern.compile(pattern.replace("(?P<", "(?<").replace("(?U", "(?i").replace("-U", "-i"));
            return Optional.empty();
        } catch (ForeignException e) {
            return Optional.of(e.problem);
        } catch (PatternSyntaxException e) {
            return Optional.of("the regex is not valid RE2: " + e.getDescription() + " near index " + e.getIndex());
        }
    }

    private void scan() throws ForeignException {
        while (at < pattern.length()) {
            switch (pattern.charAt(at)) {
                case '\\' -> escape();
                case '[' -> characterClass();
                case '(' -> open();
                case ')' -> close();
                case '*', '+', '?' -> repeat(1, 1);
                case '{' -> counted();
                case '.' -> one(CLASS_COST, 1);
                default -> one(1, 1);
            }
        }
        while (!outer.isEmpty()) {
            // An unclosed group: Java's compiler says so.
            close();
        }
        if (group.instructions > MAX_PROGRAM) {
            throw new ForeignException("the regex compiles to about " + group.instructions + " instructions, at most "
                    + MAX_PROGRAM + " are allowed: use fewer or smaller repetitions");
        }
    }

    private void one(int instructions, int length) {
        atom = new Size();
        atom.instructions = instructions;
        group.instructions += instructions;
        repeated = false;
        at += length;
    }

    private void escape() throws ForeignException {
        if (at + 1 >= pattern.length()) {
            one(1, 1);
            return;
        }
        char c = pattern.charAt(at + 1);
        if (c == 'Q') {
            int end = pattern.indexOf("\\E", at + 2);
            int stop = end < 0 ? pattern.length() : end + 2;
            one(stop - at, stop - at);
        } else if ((c >= '1' && c <= '9') || c == 'k') {
            throw unsupported("a back reference");
        } else if (c == 'p' || c == 'P') {
            one(CLASS_COST, property());
        } else if ((isLetter(c) && ESCAPES.indexOf(c) < 0) || c >= 128) {
            throw unsupported("the escape \\" + c);
        } else {
            one(Character.isUpperCase(c) || c == 'd' || c == 's' || c == 'w' ? CLASS_COST : 1, 2);
        }
    }

    /** How long the escape is. */
    private int property() throws ForeignException {
        Matcher property = PROPERTY.matcher(pattern).region(at + 1, pattern.length());
        if (!property.lookingAt()) {
            throw unsupported("a malformed Unicode class");
        }
        String name = property.group(1) == null ? property.group(2) : property.group(1);
        if (!CATEGORIES.contains(name)) {
            throw new ForeignException("the regex has \\" + property.group() + " at index " + at
                    + ", of which only general categories such as \\pL and \\p{Lu} are allowed");
        }
        return 1 + property.group().length();
    }

    private void characterClass() throws ForeignException {
        at++;
        if (at < pattern.length() && pattern.charAt(at) == '^') {
            at++;
        }
        // A ] that comes first in a class is a member of it.
        if (at < pattern.length() && pattern.charAt(at) == ']') {
            at++;
        }
        while (at < pattern.length() && pattern.charAt(at) != ']') {
            at += classMember();
        }
        at = Math.min(at + 1, pattern.length());
        one(CLASS_COST, 0);
    }

    /** How long the member is that stands here. */
    private int classMember() throws ForeignException {
        if (pattern.startsWith("[:", at) && pattern.indexOf(":]", at) > 0) {
            Matcher named = POSIX_CLASS.matcher(pattern).region(at, pattern.length());
            if (!named.lookingAt()) {
                throw unsupported("an unknown class [:...:]");
            }
            return named.group().length();
        }
        if (pattern.charAt(at) != '\\' || at + 1 >= pattern.length()) {
            return 1;
        }
        char c = pattern.charAt(at + 1);
        if (c == 'p' || c == 'P') {
            return property();
        }
        if ((isLetter(c) && CLASS_ESCAPES.indexOf(c) < 0) || c >= 128 || (c >= '1' && c <= '9')) {
            throw unsupported("the escape \\" + c + " in a class");
        }
        return 2;
    }

    private void open() throws ForeignException {
        int length = 1;
        if (pattern.startsWith("(?", at)) {
            Matcher opening = GROUP.matcher(pattern).region(at, pattern.length());
            if (!opening.lookingAt()) {
                throw unsupported(
                        pattern.startsWith("(?=", at)
                                        || pattern.startsWith("(?!", at)
                                        || pattern.startsWith("(?<", at)
                                        || pattern.startsWith("(?>", at)
                                ? "lookaround or an atomic group"
                                : "a group or flag other than (?:...), (?P<name>...) and (?imsU)");
            }
            length = opening.group().length();
            if (opening.group().endsWith(")")) {
                at += length;
                repeated = false;
                atom = new Size();
                return;
            }
        }
        outer.push(group);
        group = new Size();
        group.instructions = 2;
        atom = new Size();
        repeated = false;
        at += length;
    }

    private void close() {
        if (!outer.isEmpty()) {
            Size closed = group;
            group = outer.pop();
            group.instructions += closed.instructions;
            group.product = Math.max(group.product, closed.product);
            atom = closed;
        }
        repeated = false;
        at++;
    }

    private void counted() throws ForeignException {
        Matcher counted = COUNTED.matcher(pattern).region(at, pattern.length());
        if (!counted.lookingAt()) {
            one(1, 1);
            return;
        }
        long least = Long.parseLong(counted.group(1));
        long most = counted.group(3) == null ? least : Math.max(least, Long.parseLong(counted.group(3)));
        repeat(most, counted.group().length());
    }

    private void repeat(long count, int length) throws ForeignException {
        if (repeated) {
            throw unsupported("a possessive quantifier or a repetition of a repetition");
        }
        long product = atom.product * Math.max(1, count);
        if (product > MAX_REPETITION) {
            throw new ForeignException("the regex repeats up to " + product + " times at index " + at + ", at most "
                    + MAX_REPETITION + " are allowed, nested repetitions multiplied");
        }
        group.product = Math.max(group.product, product);
        group.instructions += atom.instructions * Math.max(0, count - 1) + 1;
        at += length;
        if (at < pattern.length() && pattern.charAt(at) == '?') {
            at++;
        }
        repeated = true;
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private ForeignException unsupported(String what) {
        return new ForeignException("the regex has " + what + " at index " + at + ", which RE2 does not support");
    }
}
