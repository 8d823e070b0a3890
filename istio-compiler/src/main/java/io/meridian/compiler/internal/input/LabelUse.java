package io.meridian.compiler.internal.input;

import java.util.Comparator;

/** A label with a value by which a resource tells clients apart: those that have exactly it from all others. */
public record LabelUse(String label, String value, Age age) implements Comparable<LabelUse> {
    private static final Comparator<LabelUse> ORDER =
            Comparator.comparing(LabelUse::label).thenComparing(LabelUse::value).thenComparing(LabelUse::age);

    @Override
    public int compareTo(LabelUse other) {
        return ORDER.compare(this, other);
    }
}
