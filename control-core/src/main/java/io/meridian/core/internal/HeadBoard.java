package io.meridian.core.internal;

import io.meridian.core.MeshLog;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.LogDamagedException;
import io.meridian.persistence.LogReader;
import io.meridian.persistence.Manifest;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The durable heads of every mesh of the region, and who watches them. Entities on this node tell their commits at once; commits of other nodes,
 * and whatever was missed, are found by {@link #recheck} in the journal, which all nodes share. Thread-safe. Heads never go back.
 */
final class HeadBoard implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HeadBoard.class);

    /** What a watcher of a head was told of, the promise by being told the same head again. */
    private record Told(Head head, Epoch promised) {}

    private final RegionId self;
    private final boolean reserve;
    private final LogReader reader;
    private final Executor listeners;
    private final Map<MeshId, Head> heads = new ConcurrentSkipListMap<>();
    private final Map<MeshId, MembersNote> notes = new ConcurrentHashMap<>();
    private final Map<MeshId, Epoch> promises = new ConcurrentHashMap<>();
    private final Map<MeshId, CopyOnWriteArrayList<Watch<Told>>> headWatches = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Watch<Set<MeshId>>> meshWatches = new CopyOnWriteArrayList<>();
    /** Written by {@link #load} and then by {@link #recheck} only, which never runs twice at a time. */
    private long mark;

    /**
     * @param reserve whether {@code self} is no member of a mesh whose log names no members
     * @param listeners runs the watchers' calls
     */
    HeadBoard(RegionId self, boolean reserve, LogReader reader, Executor listeners) {
        this.self = self;
        this.reserve = reserve;
        this.reader = reader;
        this.listeners = listeners;
    }

    /** Learns what the journal holds. Blocks; once, before anything else. */
    void load() {
        mark = reader.commitMark();
        for (MeshId mesh : reader.meshes()) {
            try {
                publish(reader.head(mesh));
                recorded(reader.manifest(mesh));
            } catch (LogDamagedException e) {
                LOG.error("head cannot be read: mesh={} reason=\"{}\"", mesh, e.getMessage());
            }
        }
    }

    /** Finds what was committed since the last time by whichever node. Blocks; one at a time. */
    void recheck() {
        LogReader.Changes changes = reader.changedAfter(mark);
        for (MeshId mesh : changes.meshes()) {
            try {
                publish(reader.head(mesh));
                recorded(reader.manifest(mesh));
            } catch (LogDamagedException e) {
                // Whoever asks the mesh itself is told; the others go on.
                LOG.error("head cannot be read: mesh={} reason=\"{}\"", mesh, e.getMessage());
            }
        }
        mark = changes.mark();
    }

    /** A head that is durable. */
    void publish(Head head) {
        if (head.isEmpty()) {
            return;
        }
        MeshId mesh = head.position().mesh();
        boolean[] changed = new boolean[2];
        heads.compute(mesh, (id, known) -> {
            changed[0] = known == null || head.position().compareTo(known.position()) > 0;
            changed[1] = known == null;
            return changed[0] ? head : known;
        });
        if (changed[0]) {
            headWatches.getOrDefault(mesh, new CopyOnWriteArrayList<>()).forEach(Watch::poke);
        }
        if (changed[1]) {
            meshWatches.forEach(Watch::poke);
        }
    }

    /** What a mesh's manifest says by now. */
    void recorded(Manifest manifest) {
        promised(manifest.mesh(), manifest.promised());
        manifest.noted().ifPresent(note -> notes.put(manifest.mesh(), note));
    }

    /** Whether this region keeps the mesh's log, as far as it knows: it is a member. */
    boolean follows(MeshId mesh) {
        MembersNote note = notes.get(mesh);
        if (note == null || note.changed().seq() == 0) {
            return !reserve;
        }
        return note.contains(self);
    }

    /** A promise that is durable. */
    private void promised(MeshId mesh, Epoch epoch) {
        if (epoch.isNone()) {
            return;
        }
        Epoch before = promises.getOrDefault(mesh, Epoch.NONE);
        Epoch after = promises.merge(mesh, epoch, (a, b) -> a.compareTo(b) >= 0 ? a : b);
        if (!after.equals(before)) {
            headWatches.getOrDefault(mesh, new CopyOnWriteArrayList<>()).forEach(Watch::poke);
        }
    }

    /** The highest that is durable; {@link Epoch#NONE} if there is none. */
    Epoch promised(MeshId mesh) {
        return promises.getOrDefault(mesh, Epoch.NONE);
    }

    /** That something is known of. */
    Set<MeshId> meshes() {
        return Set.copyOf(heads.keySet());
    }

    Head head(MeshId mesh) {
        return heads.getOrDefault(mesh, Head.empty(mesh));
    }

    MeshLog.Subscription watchHead(MeshId mesh, Consumer<Head> listener) {
        Watch<Told> watch = new Watch<>(
                () -> new Told(head(mesh), promised(mesh)), told -> listener.accept(told.head()), listeners);
        headWatches.compute(mesh, (id, watches) -> {
            CopyOnWriteArrayList<Watch<Told>> list = watches == null ? new CopyOnWriteArrayList<>() : watches;
            list.add(watch);
            return list;
        });
        watch.poke();
        return () -> {
            watch.close();
            headWatches.computeIfPresent(mesh, (id, watches) -> {
                watches.remove(watch);
                return watches.isEmpty() ? null : watches;
            });
        };
    }

    MeshLog.Subscription watchMeshes(Consumer<Set<MeshId>> listener) {
        Watch<Set<MeshId>> watch = new Watch<>(() -> Set.copyOf(heads.keySet()), listener, listeners);
        meshWatches.add(watch);
        watch.poke();
        return () -> {
            watch.close();
            meshWatches.remove(watch);
        };
    }

    /** Ends all watches. */
    @Override
    public void close() {
        headWatches.values().forEach(watches -> watches.forEach(Watch::close));
        headWatches.clear();
        meshWatches.forEach(Watch::close);
        meshWatches.clear();
        LOG.debug("head board closed: meshes={}", heads.size());
    }
}
