package io.meridian.gateway.internal.protocol;

import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedSet;
import org.pcollections.TreePSet;

/**
 * Names that a stream subscribes to. Immutable, with cheap copies. Compared by identity: {@link NameSets} gives streams with the same names
 * the same object, so that a thousand of them cost the memory of one.
 */
final class NameSet {
    static final NameSet EMPTY = new NameSet(TreePSet.empty(), 0);
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final PSortedSet<String> sorted;
    /** A sum over the names, so that it is kept up to date with each that comes and goes. */
    private final long hash;
    /** For many look-ups; made when first needed, by whoever comes first. */
    private volatile @Nullable Set<String> members;

    private NameSet(PSortedSet<String> sorted, long hash) {
        this.sorted = sorted;
        this.hash = hash;
    }

    static NameSet of(List<String> names) {
        TreePSet<String> sorted = TreePSet.from(names);
        return sorted.isEmpty() ? EMPTY : new NameSet(sorted, hashOf(sorted));
    }

    static long hashOf(Iterable<String> names) {
        long sum = 0;
        for (String name : names) {
            sum += hashOf(name);
        }
        return sum;
    }

    private static long hashOf(String name) {
        long mixed = (name.hashCode() + ((long) name.length() << 32)) * MULTIPLIER;
        return mixed ^ (mixed >>> 29);
    }

    boolean contains(String name) {
        return sorted.contains(name);
    }

    int size() {
        return sorted.size();
    }

    boolean isEmpty() {
        return sorted.isEmpty();
    }

    long hash() {
        return hash;
    }

    /** In order. */
    Iterable<String> names() {
        return sorted;
    }

    NameSet plus(String name) {
        return sorted.contains(name) ? this : new NameSet(sorted.plus(name), hash + hashOf(name));
    }

    NameSet minus(String name) {
        if (!sorted.contains(name)) {
            return this;
        }
        PSortedSet<String> rest = sorted.minus(name);
        return rest.isEmpty() ? EMPTY : new NameSet(rest, hash - hashOf(name));
    }

    /** Whether these are the names of {@code list}, whose length and hash are known to be the same. */
    boolean isOf(List<String> list) {
        Set<String> known = members;
        if (known == null) {
            known = new HashSet<>(sorted);
            members = known;
        }
        for (String name : list) {
            if (!known.contains(name)) {
                return false;
            }
        }
        return true;
    }

    boolean hasNamesOf(NameSet other) {
        if (other.size() != size() || other.hash != hash) {
            return false;
        }
        Iterator<String> others = other.sorted.iterator();
        for (String name : sorted) {
            if (!name.equals(others.next())) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return sorted.toString();
    }
}
