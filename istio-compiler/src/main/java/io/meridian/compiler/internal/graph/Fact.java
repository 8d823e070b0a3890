package io.meridian.compiler.internal.graph;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;

/** A question whose answer comes from outside, by way of the {@link Store}. */
public sealed interface Fact<V> {
    V read(Store store);

    /** Whether what was read earlier still holds. May say no although it does. */
    boolean isSame(@Nullable Object before, Object now);

    /** One object of a table. */
    record Row<K, V>(Table<K, V> table, K key) implements Fact<Optional<V>> {
        @Override
        public Optional<V> read(Store store) {
            return store.get(table, key);
        }

        @Override
        public boolean isSame(@Nullable Object before, Object now) {
            return now.equals(before);
        }
    }

    /** One bucket of an index. */
    record Bucket<K, E extends Comparable<? super E>, V>(Index<K, E, V> index, K key)
            implements Fact<PSortedMap<E, V>> {
        @Override
        public PSortedMap<E, V> read(Store store) {
            return store.get(index, key);
        }

        /** To compare large maps costs more than to look at one again; the store makes no new ones for equal entries. */
        @Override
        @SuppressWarnings("ReferenceEquality")
        public boolean isSame(@Nullable Object before, Object now) {
            return before == now;
        }
    }
}
