package io.meridian.compiler.internal.input;

import java.util.Comparator;

/** A label by which a resource tells clients apart. */
public record LabelUse(String label, Age age) implements Comparable<LabelUse> {
    private static final Comparator<LabelUse> ORDER =
            Comparator.comparing(LabelUse::label).thenComparing(LabelUse::age);

    @Override
    public int compareTo(LabelUse other) {
        return ORDER.compare(this, other);
    }
}
