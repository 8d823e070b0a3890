package io.meridian.compiler.internal.graph;

import java.util.Optional;

/**
 * A kind of objects by their key. Compared by identity: one constant per kind.
 *
 * @param <K> with value equality
 * @param <V> immutable, with value equality
 */
public final class Table<K, V> {
    private final String name;

    public Table(String name) {
        this.name = name;
    }

    /** The fact what stands under the key, if anything. */
    public Fact<Optional<V>> row(K key) {
        return new Fact.Row<>(this, key);
    }

    @Override
    public String toString() {
        return name;
    }
}
