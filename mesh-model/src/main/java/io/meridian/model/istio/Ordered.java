package io.meridian.model.istio;

import java.util.Collections;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/** Immutable copies with an order, so that equal specs compile to equal bytes. */
final class Ordered {
    private Ordered() {}

    /** Sorted by key. */
    static <V> SequencedMap<String, V> copyOf(Map<String, V> map) {
        return map.isEmpty()
                ? Collections.unmodifiableSequencedMap(new TreeMap<>())
                : Collections.unmodifiableSequencedMap(new TreeMap<>(map));
    }
}
