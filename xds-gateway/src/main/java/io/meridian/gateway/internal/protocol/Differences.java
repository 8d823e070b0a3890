package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsResource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;

/**
 * What differs between two views' maps, computed once for all streams that go from the one to the other, so that a push costs each stream
 * O(what changed). Also remembers the fingerprint of whole maps. Thread-safe.
 */
// Identity is the point: equal maps that are not the same are compared once, by compute.
@SuppressWarnings("ReferenceEquality")
final class Differences {
    /** Enough for the groups and types of a push or two; what fell out is computed again. Old views live as long as they are in here. */
    private static final int REMEMBERED = 64;

    private final ConcurrentHashMap<Step, List<String>> steps = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Step> stepOrder = new ConcurrentLinkedQueue<>();
    private final ConcurrentHashMap<Same, Long> sums = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Same> sumOrder = new ConcurrentLinkedQueue<>();

    /** The names that were added, removed or changed, in order. */
    List<String> between(PSortedMap<String, XdsResource> from, PSortedMap<String, XdsResource> to) {
        if (from == to) {
            return List.of();
        }
        Step step = new Step(new Same(from), new Same(to));
        List<String> known = steps.get(step);
        if (known != null) {
            return known;
        }
        List<String> names = compute(from, to);
        if (steps.putIfAbsent(step, names) == null) {
            stepOrder.add(step);
            while (steps.size() > REMEMBERED) {
                Step oldest = stepOrder.poll();
                if (oldest == null) {
                    break;
                }
                steps.remove(oldest);
            }
        }
        return names;
    }

    /** {@link Fingerprint} over everything in {@code map}. */
    long sum(PSortedMap<String, XdsResource> map) {
        Same key = new Same(map);
        Long known = sums.get(key);
        if (known != null) {
            return known;
        }
        long sum = 0;
        for (XdsResource resource : map.values()) {
            sum += Fingerprint.of(resource);
        }
        if (sums.putIfAbsent(key, sum) == null) {
            sumOrder.add(key);
            while (sums.size() > REMEMBERED) {
                Same oldest = sumOrder.poll();
                if (oldest == null) {
                    break;
                }
                sums.remove(oldest);
            }
        }
        return sum;
    }

    /** How many pairs of maps are remembered. */
    int size() {
        return steps.size();
    }

    /** Lets go of the views that it remembers. */
    void clear() {
        steps.clear();
        stepOrder.clear();
        sums.clear();
        sumOrder.clear();
    }

    private static List<String> compute(PSortedMap<String, XdsResource> from, PSortedMap<String, XdsResource> to) {
        List<String> names = new ArrayList<>();
        Iterator<Map.Entry<String, XdsResource>> left = from.entrySet().iterator();
        Iterator<Map.Entry<String, XdsResource>> right = to.entrySet().iterator();
        Map.@Nullable Entry<String, XdsResource> a = next(left);
        Map.@Nullable Entry<String, XdsResource> b = next(right);
        while (a != null || b != null) {
            int order = a == null ? 1 : b == null ? -1 : a.getKey().compareTo(b.getKey());
            if (order < 0 && a != null) {
                names.add(a.getKey());
                a = next(left);
            } else if (order > 0 && b != null) {
                names.add(b.getKey());
                b = next(right);
            } else if (a != null && b != null) {
                if (a.getValue() != b.getValue()
                        && !a.getValue().version().equals(b.getValue().version())) {
                    names.add(b.getKey());
                }
                a = next(left);
                b = next(right);
            }
        }
        return List.copyOf(names);
    }

    private static Map.@Nullable Entry<String, XdsResource> next(Iterator<Map.Entry<String, XdsResource>> iterator) {
        return iterator.hasNext() ? iterator.next() : null;
    }

    private record Step(Same from, Same to) {}

    /** A map as a key by identity: to compare two by content is what this class is there to avoid. */
    private static final class Same {
        private final PSortedMap<String, XdsResource> map;

        private Same(PSortedMap<String, XdsResource> map) {
            this.map = map;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Same same && same.map == map;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(map);
        }
    }
}
