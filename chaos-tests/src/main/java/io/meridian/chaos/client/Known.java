package io.meridian.chaos.client;

import io.meridian.chaos.history.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The positions that any client was told, by mesh. Thread-safe. */
public final class Known {
    private static final int REMEMBERED = 200;

    private static final class OfMesh {
        private @Nullable Position newest;
        private final Deque<Position> recent = new ArrayDeque<>();
    }

    private final Map<String, OfMesh> meshes = new HashMap<>();

    /** To be called before the answer that told it is written to the history. */
    public synchronized void learn(String mesh, Position position) {
        OfMesh known = meshes.computeIfAbsent(mesh, name -> new OfMesh());
        if (known.newest == null || known.newest.compareTo(position) < 0) {
            known.newest = position;
        }
        known.recent.addLast(position);
        if (known.recent.size() > REMEMBERED) {
            known.recent.removeFirst();
        }
    }

    /** A region said that it is not on the current branch: no use in demanding it, or what stood behind it in its epoch, for ever. */
    public synchronized void rolledBack(String mesh, Position position) {
        OfMesh known = meshes.get(mesh);
        if (known != null) {
            Predicate<Position> gone = other -> other.epoch() == position.epoch() && other.seq() >= position.seq();
            known.recent.removeIf(gone);
            if (known.newest != null && gone.test(known.newest)) {
                // Not any older one that is told next: a read that demanded that would not see every write.
                known.newest =
                        known.recent.stream().max(Comparator.naturalOrder()).orElse(null);
            }
        }
    }

    /**
     * Tells {@code call} the newest position while nobody learns a newer one: what {@code call} writes to the history stands before every answer that tells of
     * one. Otherwise a read could be written down as called after an answer that it does not know of.
     */
    public synchronized void callWithNewest(String mesh, Consumer<@Nullable Position> call) {
        call.accept(newest(mesh));
    }

    /** The highest of all; null if there is none. */
    public synchronized @Nullable Position newest(String mesh) {
        OfMesh known = meshes.get(mesh);
        return known == null ? null : known.newest;
    }

    /** Any of the last few hundred; null if there is none. */
    public synchronized @Nullable Position any(String mesh, Random random) {
        OfMesh known = meshes.get(mesh);
        if (known == null || known.recent.isEmpty()) {
            return null;
        }
        List<Position> all = new ArrayList<>(known.recent);
        return all.get(random.nextInt(all.size()));
    }
}
