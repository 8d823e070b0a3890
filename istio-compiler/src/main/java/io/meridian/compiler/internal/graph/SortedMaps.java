package io.meridian.compiler.internal.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** Sorted maps that differ little from others: made from them, so that a small change costs little. */
final class SortedMaps {
    private SortedMaps() {}

    /** A map of all entries of {@code parts}, which have no key in common. */
    record Union<K, V>(List<PSortedMap<K, V>> parts, PSortedMap<K, V> all) {}

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

    /** The union of {@code parts}; from {@code last}, if most of them are the very maps that it was made of. */
    static <K extends Comparable<? super K>, V> PSortedMap<K, V> union(
            @Nullable Union<K, V> last, List<PSortedMap<K, V>> parts) {
        if (last == null) {
            return fresh(parts);
        }
        Set<Object> before = identities(last.parts());
        List<PSortedMap<K, V>> added =
                parts.stream().filter(part -> !before.contains(part)).toList();
        if (2 * added.size() > parts.size()) {
            return fresh(parts);
        }
        Set<Object> now = identities(parts);
        PSortedMap<K, V> all = last.all();
        for (PSortedMap<K, V> gone : last.parts()) {
            if (!now.contains(gone)) {
                for (K key : gone.keySet()) {
                    if (added.stream().noneMatch(part -> part.containsKey(key))) {
                        all = all.minus(key);
                    }
                }
            }
        }
        for (PSortedMap<K, V> part : added) {
            for (Map.Entry<K, V> entry : part.entrySet()) {
                if (!entry.getValue().equals(all.get(entry.getKey()))) {
                    all = all.plus(entry.getKey(), entry.getValue());
                }
            }
        }
        return all;
    }

    private static <K extends Comparable<? super K>, V> PSortedMap<K, V> fresh(List<PSortedMap<K, V>> parts) {
        PSortedMap<K, V> all = TreePMap.empty();
        for (PSortedMap<K, V> part : parts) {
            all = all.isEmpty() ? part : all.plusAll(part);
        }
        return all;
    }

    private static Set<Object> identities(List<?> objects) {
        Set<Object> set = Collections.newSetFromMap(new IdentityHashMap<>(objects.size()));
        set.addAll(objects);
        return set;
    }
}
