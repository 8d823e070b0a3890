package io.meridian.persistence;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.internal.JournalSerializer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads logs straight from the journal's rows, bytes as stored, over connections of its own: what it returns is durable. Blocks; thread-safe.
 * All methods throw {@link LogDamagedException} for rows that cannot be read or are missing in between.
 */
public final class LogReader implements AutoCloseable {
    /** What {@link #read} returns at most, roughly; a single event may be larger. */
    public static final int MAX_READ_BYTES = 1 << 20;

    private final JournalRows rows;

    /** {@code rows} are closed with this. */
    public LogReader(JournalRows rows) {
        this.rows = rows;
    }

    /** The segments of a mesh's current branch; an empty manifest for an unknown mesh. */
    public Manifest manifest(MeshId mesh) {
        Manifest[] manifest = {Manifest.empty(mesh)};
        rows.events(PersistenceIds.manifest(mesh), 1, Long.MAX_VALUE, row -> {
            manifest[0] = manifest[0].next(JournalSerializer.manifestEvent(row.payload(), row.manifest()));
            return true;
        });
        return manifest[0];
    }

    /**
     * Events after {@code afterSeq} of the current branch, ascending, without gaps, across segments.
     *
     * @param max at most so many, and about {@value #MAX_READ_BYTES} bytes, but at least one if there is one
     */
    public List<EventEnvelope> read(MeshId mesh, long afterSeq, int max) {
        return read(manifest(mesh), afterSeq, max);
    }

    private List<EventEnvelope> read(Manifest manifest, long afterSeq, int max) {
        List<EventEnvelope> events = new ArrayList<>();
        long bytes = 0;
        for (Manifest.Segment segment : manifest.segments()) {
            long at = afterSeq + events.size();
            if (manifest.lastSeqOf(segment) <= at || events.size() >= max || bytes >= MAX_READ_BYTES) {
                continue;
            }
            if (segment.baseSeq() > at) {
                throw missing(manifest.mesh(), segment, at + 1 - segment.baseSeq());
            }
            bytes += read(manifest, segment, at, max, bytes, events);
        }
        return events;
    }

    /** The last event's; {@link Head#empty} for an unknown mesh. */
    public Head head(MeshId mesh) {
        return last(mesh).map(EventEnvelope::head).orElseGet(() -> Head.empty(mesh));
    }

    /** The last event of the current branch. */
    public Optional<EventEnvelope> last(MeshId mesh) {
        return end(mesh).last();
    }

    /** The head, and the segments that lead to it; consistent with each other. */
    public Branch branch(MeshId mesh) {
        End end = end(mesh);
        return new Branch(
                end.last().map(EventEnvelope::head).orElseGet(() -> Head.empty(mesh)),
                end.manifest().segments());
    }

    public record Branch(Head head, List<Manifest.Segment> segments) {}

    private record End(Manifest manifest, Optional<EventEnvelope> last) {}

    /** The current segment may be listed and not yet have its first event: then it does not count yet. */
    private End end(MeshId mesh) {
        Manifest manifest = manifest(mesh);
        while (manifest.current().isPresent()) {
            Manifest.Segment current = manifest.current().get();
            Optional<EventEnvelope> last = last(mesh, current);
            if (last.isPresent()) {
                return new End(manifest, last);
            }
            manifest = manifest.next(new ManifestEvent.SegmentDropped(current.epoch()));
        }
        return new End(manifest, Optional.empty());
    }

    /**
     * Events of a tail after {@code afterSeq}, ascending, as {@link #read}.
     *
     * @param tail one of the mesh's manifest
     */
    public List<EventEnvelope> readTail(MeshId mesh, Manifest.Tail tail, long afterSeq, int max) {
        Manifest earlier = manifest(mesh).before(tail);
        long from = Math.max(afterSeq, tail.first().seq() - 1);
        long left = tail.last().position().seq() - from;
        return read(earlier, from, Math.clamp(left, 0, max));
    }

    /** The newest state of the current branch at or before {@code seq} that there is a sound snapshot of. */
    public Optional<LogState> snapshotAtOrBefore(MeshId mesh, long seq) {
        for (Manifest.Segment segment : manifest(mesh).segments().reversed()) {
            if (segment.baseSeq() < seq) {
                Optional<LogState> snapshot = snapshot(mesh, segment, seq - segment.baseSeq());
                if (snapshot.isPresent()) {
                    return snapshot;
                }
            }
        }
        return Optional.empty();
    }

    /**
     * The state right after event {@code seq}, folded from the nearest snapshot and verified on the way; at the last event if there are fewer.
     * {@link LogState#isReadable} says whether this version could read that far.
     */
    public LogState stateAt(MeshId mesh, long seq) {
        LogState state = snapshotAtOrBefore(mesh, seq).orElseGet(() -> LogState.empty(mesh));
        while (state.head().position().seq() < seq) {
            long at = state.head().position().seq();
            List<EventEnvelope> events = read(mesh, at, (int) Math.min(1000, seq - at));
            if (events.isEmpty()) {
                break;
            }
            for (EventEnvelope event : events) {
                state = state.next(event);
            }
        }
        return state;
    }

    /** Every mesh that something was ever recorded for, in the order of their names; its log may still be empty. */
    public List<MeshId> meshes() {
        return List.copyOf(meshes(rows.persistenceIds()));
    }

    private static Set<MeshId> meshes(Collection<String> persistenceIds) {
        Set<MeshId> meshes = new TreeSet<>();
        persistenceIds.forEach(id -> PersistenceIds.meshOf(id).ifPresent(meshes::add));
        return meshes;
    }

    /** The place behind everything that is committed now, for {@link #changedAfter}. */
    public long commitMark() {
        return rows.commitMark();
    }

    /**
     * What was committed behind a mark.
     *
     * @param meshes with commits there, whichever node made them; perhaps more
     * @param mark to go on from
     */
    public record Changes(Set<MeshId> meshes, long mark) {}

    /** Everything that was committed behind {@code mark}; nothing is ever left out between it and the next one. */
    public Changes changedAfter(long mark) {
        // First the next mark: what is committed while the rows are read is found now or then.
        long next = rows.commitMark();
        return new Changes(meshes(rows.changedSince(mark)), next);
    }

    @Override
    public void close() {
        rows.close();
    }

    /** Appends to {@code events}; returns the bytes that were read. */
    private long read(
            Manifest manifest,
            Manifest.Segment segment,
            long afterSeq,
            int max,
            long bytesBefore,
            List<EventEnvelope> events) {
        long base = segment.baseSeq();
        int room = max - events.size();
        long first = afterSeq - base + 1;
        // The offset within the segment cannot overflow: the last segment's end is bounded by the room.
        long last = Math.min(manifest.lastSeqOf(segment) - base, first + room - 1);
        long[] bytes = {0};
        long[] expected = {first};
        rows.events(PersistenceIds.segment(manifest.mesh(), segment.epoch()), first, last, row -> {
            EventEnvelope event = envelope(manifest.mesh(), segment, row);
            if (row.sequenceNumber() != expected[0]) {
                throw missing(manifest.mesh(), segment, expected[0]);
            }
            expected[0]++;
            bytes[0] += row.payload().length;
            events.add(event);
            return bytesBefore + bytes[0] < MAX_READ_BYTES;
        });
        return bytes[0];
    }

    /** The last event that was ever stored in a segment, on the current branch or not. */
    public Optional<Head> lastOf(MeshId mesh, Manifest.Segment segment) {
        return last(mesh, segment).map(EventEnvelope::head);
    }

    private Optional<EventEnvelope> last(MeshId mesh, Manifest.Segment segment) {
        return rows.last(PersistenceIds.segment(mesh, segment.epoch())).map(row -> envelope(mesh, segment, row));
    }

    private Optional<LogState> snapshot(MeshId mesh, Manifest.Segment segment, long sequenceNumber) {
        try {
            return rows.snapshot(PersistenceIds.segment(mesh, segment.epoch()), sequenceNumber)
                    .map(JournalSerializer::state);
        } catch (LogDamagedException e) {
            // Events are never deleted: without the snapshot the fold only takes longer.
            return Optional.empty();
        }
    }

    private static EventEnvelope envelope(MeshId mesh, Manifest.Segment segment, JournalRows.Row row) {
        long seq = segment.baseSeq() + row.sequenceNumber();
        EventEnvelope envelope;
        try {
            envelope = JournalSerializer.envelope(row.payload());
        } catch (LogDamagedException e) {
            throw damaged(mesh, segment, seq, e.getMessage(), e);
        }
        if (envelope.seq() != seq || !envelope.epoch().equals(segment.epoch())) {
            throw damaged(mesh, segment, seq, "the event stored there says that it is " + envelope.position(), null);
        }
        return envelope;
    }

    private static LogDamagedException missing(MeshId mesh, Manifest.Segment segment, long sequenceNumber) {
        return damaged(mesh, segment, segment.baseSeq() + sequenceNumber, "the event is missing", null);
    }

    private static LogDamagedException damaged(
            MeshId mesh, Manifest.Segment segment, long seq, @Nullable String why, @Nullable Throwable cause) {
        String message =
                "the log of mesh " + mesh + " is damaged at position " + segment.epoch() + "." + seq + ": " + why;
        return cause == null ? new LogDamagedException(message) : new LogDamagedException(message, cause);
    }
}
