package io.meridian.gateway.internal.protocol;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The sets of names in use, one object for each content. Held weakly: a set lives as long as a stream that has it. Thread-safe. */
final class NameSets {
    private final ConcurrentHashMap<Key, Known> known = new ConcurrentHashMap<>();
    private final ReferenceQueue<NameSet> unused = new ReferenceQueue<>();

    private record Key(int size, long hash) {}

    private static final class Known extends WeakReference<NameSet> {
        private final Key key;

        private Known(Key key, NameSet set, ReferenceQueue<NameSet> queue) {
            super(set, queue);
            this.key = key;
        }
    }

    /** The set of these names, of which none may be null; the order and repetitions do not count. */
    NameSet of(List<String> names) {
        if (names.isEmpty()) {
            return NameSet.EMPTY;
        }
        NameSet found = find(new Key(names.size(), NameSet.hashOf(names)));
        return found != null && found.isOf(names) ? found : canonical(NameSet.of(names));
    }

    /** The one object for the content of {@code set}; of two that share a hash and differ, the second is not shared. */
    NameSet canonical(NameSet set) {
        if (set.isEmpty()) {
            return NameSet.EMPTY;
        }
        forgetUnused();
        Key key = new Key(set.size(), set.hash());
        Known mine = new Known(key, set, unused);
        while (true) {
            Known other = known.putIfAbsent(key, mine);
            if (other == null) {
                return set;
            }
            NameSet theirs = other.get();
            if (theirs == null) {
                known.remove(key, other);
            } else {
                return theirs.hasNamesOf(set) ? theirs : set;
            }
        }
    }

    private @Nullable NameSet find(Key key) {
        Known found = known.get(key);
        return found == null ? null : found.get();
    }

    private void forgetUnused() {
        for (Reference<?> gone = unused.poll(); gone != null; gone = unused.poll()) {
            if (gone instanceof Known set) {
                known.remove(set.key, set);
            }
        }
    }
}
