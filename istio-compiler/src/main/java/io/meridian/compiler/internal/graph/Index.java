package io.meridian.compiler.internal.graph;

import org.pcollections.PSortedMap;

/**
 * A secondary index: entries by what is looked for. Compared by identity: one constant per index.
 *
 * @param <K> of a bucket; with value equality
 * @param <E> identity of an entry, and the order in a bucket, consistent with equals
 * @param <V> what the index tells of the entry; immutable, with value equality
 */
public final class Index<K, E extends Comparable<? super E>, V> {
    private final String name;

    public Index(String name) {
        this.name = name;
    }

    /** The fact what stands in the bucket; an empty map for nothing. */
    public Fact<PSortedMap<E, V>> bucket(K key) {
        return new Fact.Bucket<>(this, key);
    }

    @Override
    public String toString() {
        return name;
    }
}
