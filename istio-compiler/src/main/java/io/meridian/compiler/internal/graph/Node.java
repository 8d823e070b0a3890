package io.meridian.compiler.internal.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A fact or query that was asked, with its last answer. Mutable; belongs to one {@link Graph}. */
final class Node {
    final Object key;

    /** Null until the first answer. */
    @Nullable
    Object value;

    /** The revision in which the answer last became another. */
    long changedAt;

    /** The revision up to which the answer is known to hold. */
    long verifiedAt;

    /** Whether something that it depends on, near or far, was touched since. */
    boolean suspect = true;

    boolean computing;

    /** What it looked up, in order: what came first may decide whether the rest still exists. */
    List<Node> dependencies = List.of();

    private final Set<Node> dependents = Collections.newSetFromMap(new IdentityHashMap<>(4));

    Node(Object key) {
        this.key = key;
    }

    void dependOn(Collection<Node> now) {
        for (Node old : dependencies) {
            old.dependents.remove(this);
        }
        for (Node dependency : now) {
            dependency.dependents.add(this);
        }
        dependencies = new ArrayList<>(now);
    }

    void forget() {
        dependOn(List.of());
    }

    /** Marks all that depends on it, near or far. What is marked already has its dependents marked. */
    void suspectDependents() {
        for (Node dependent : dependents) {
            if (!dependent.suspect) {
                dependent.suspect = true;
                dependent.suspectDependents();
            }
        }
    }
}
