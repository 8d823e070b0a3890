package io.meridian.compiler.internal.input;

import java.util.Comparator;

/** A namespaced object of a cluster's inventory; its kind is known from where it stands. */
public record ClusterObject(String cluster, String namespace, String name) implements Comparable<ClusterObject> {
    private static final Comparator<ClusterObject> ORDER = Comparator.comparing(ClusterObject::cluster)
            .thenComparing(ClusterObject::namespace)
            .thenComparing(ClusterObject::name);

    @Override
    public int compareTo(ClusterObject other) {
        return ORDER.compare(this, other);
    }
}
