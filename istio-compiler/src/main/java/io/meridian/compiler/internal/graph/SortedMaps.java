package io.meridian.compiler.internal.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** Sorted maps that differ little from others: made from them, so that a small change costs little. */
final class SortedMaps {
    private SortedMaps() {}

    /** A map equal to {@code wanted}; {@code last} itself if it is equal. */
    // The last answer of a query has the type of its next.
    @SuppressWarnings("unchecked")
    static <K extends Comparable<? super K>, V> PSortedMap<K, V> like(@Nullable Object last, Map<K, V> wanted) {
        if (!(last instanceof PSortedMap<?, ?> map)) {
            return TreePMap.from(wanted);
        }
        PSortedMap<K, V> result = (PSortedMap<K, V>) map;
        List<K> gone = new ArrayList<>();
        for (K key : result.keySet()) {
            if (!wanted.containsKey(key)) {
                gone.add(key);
            }
        }
        result = result.minusAll(gone);
        for (Map.Entry<K, V> entry : wanted.entrySet()) {
            if (!entry.getValue().equals(result.get(entry.getKey()))) {
                result = result.plus(entry.getKey(), entry.getValue());
            }
        }
        return result;
    }
}
