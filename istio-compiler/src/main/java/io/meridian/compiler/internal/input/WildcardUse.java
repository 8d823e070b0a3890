package io.meridian.compiler.internal.input;

import java.util.Comparator;

/** A wildcard host that a resource names; the most specific first, then the oldest. */
public record WildcardUse(String pattern, Age age) implements Comparable<WildcardUse> {
    private static final Comparator<WildcardUse> ORDER = Comparator.comparingInt(
                    (WildcardUse use) -> -use.pattern.length())
            .thenComparing(WildcardUse::pattern)
            .thenComparing(WildcardUse::age);

    @Override
    public int compareTo(WildcardUse other) {
        return ORDER.compare(this, other);
    }
}
