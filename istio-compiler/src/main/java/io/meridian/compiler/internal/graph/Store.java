package io.meridian.compiler.internal.graph;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * The facts: tables and indexes, in persistent maps. Remembers which were touched since the last {@link #takeTouched}. Confined to its
 * compiler's thread.
 */
public final class Store {
    private static final PSortedMap<?, ?> EMPTY = TreePMap.<String, Object>empty();

    private HashPMap<Fact<?>, Object> facts = HashTreePMap.empty();
    private Set<Fact<?>> touched = new HashSet<>();

    public <K, V> void put(Table<K, V> table, K key, V value) {
        Fact<?> row = new Fact.Row<>(table, key);
        if (!value.equals(facts.get(row))) {
            facts = facts.plus(row, value);
            touched.add(row);
        }
    }

    public <K, V> void remove(Table<K, V> table, K key) {
        Fact<?> row = new Fact.Row<>(table, key);
        if (facts.containsKey(row)) {
            facts = facts.minus(row);
            touched.add(row);
        }
    }

    public <K, E extends Comparable<? super E>, V> void put(Index<K, E, V> index, K key, E entry, V value) {
        PSortedMap<E, V> held = get(index, key);
        if (value.equals(held.get(entry))) {
            return;
        }
        Fact<?> bucket = new Fact.Bucket<>(index, key);
        facts = facts.plus(bucket, held.plus(entry, value));
        touched.add(bucket);
    }

    public <K, E extends Comparable<? super E>, V> void remove(Index<K, E, V> index, K key, E entry) {
        PSortedMap<E, V> held = get(index, key);
        if (!held.containsKey(entry)) {
            return;
        }
        Fact<?> bucket = new Fact.Bucket<>(index, key);
        PSortedMap<E, V> rest = held.minus(entry);
        facts = rest.isEmpty() ? facts.minus(bucket) : facts.plus(bucket, rest);
        touched.add(bucket);
    }

    // Only put() writes, and it writes values of the table's type.
    @SuppressWarnings("unchecked")
    public <K, V> Optional<V> get(Table<K, V> table, K key) {
        return Optional.ofNullable((V) facts.get(new Fact.Row<>(table, key)));
    }

    /** An empty bucket is always the same instance. */
    @SuppressWarnings("unchecked")
    public <K, E extends Comparable<? super E>, V> PSortedMap<E, V> get(Index<K, E, V> index, K key) {
        Object bucket = facts.get(new Fact.Bucket<>(index, key));
        return (PSortedMap<E, V>) (bucket == null ? EMPTY : bucket);
    }

    /** What may differ since the last call. */
    Set<Fact<?>> takeTouched() {
        Set<Fact<?>> result = touched;
        touched = new HashSet<>();
        return result;
    }
}
