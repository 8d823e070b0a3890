package io.meridian.compiler.internal.input;

import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.Comparator;

/** A resource in the order in which conflicting ones win: the oldest first, then by namespace and name (Istio's sortConfigByCreationTime). */
public record Age(Instant created, ResourceKey key) implements Comparable<Age> {
    private static final Comparator<Age> ORDER = Comparator.comparing(Age::created)
            .thenComparing((Age age) -> age.key.name())
            .thenComparing((Age age) -> age.key.namespace())
            .thenComparing(Age::key);

    @Override
    public int compareTo(Age other) {
        return ORDER.compare(this, other);
    }
}
