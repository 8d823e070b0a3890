package io.meridian.persistence;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.internal.JournalSerializer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads logs straight from the journal's rows, bytes as stored, over connections of its own: what it returns is durable. Blocks; thread-safe.
 * All methods throw {@link LogDamagedException} for rows that cannot be read or are missing in between.
 */
public final class LogReader implements AutoCloseable {
    /** What {@link #read} returns at most, roughly; a single event may be larger. */
    public static final int MAX_READ_BYTES = 1 << 20;

    private static final String EVENTS = "SELECT sequence_number, event_payload FROM event_journal"
            + " WHERE persistence_id = ? AND sequence_number BETWEEN ? AND ? AND deleted = 0 ORDER BY sequence_number";
    private static final String MANIFEST = "SELECT event_payload, event_ser_manifest FROM event_journal"
            + " WHERE persistence_id = ? AND deleted = 0 ORDER BY sequence_number";
    private static final String LAST =
            "SELECT sequence_number, event_payload FROM event_journal WHERE persistence_id = ? AND deleted = 0"
                    + " ORDER BY sequence_number DESC LIMIT 1";
    /** Steps from id to id along the index, however many events each has. */
    private static final String IDS = """
            WITH RECURSIVE ids(id) AS (
              SELECT MIN(persistence_id) FROM event_journal
              UNION ALL
              SELECT (SELECT MIN(persistence_id) FROM event_journal WHERE persistence_id > ids.id)
              FROM ids WHERE ids.id IS NOT NULL)
            SELECT id FROM ids WHERE id IS NOT NULL""";

    private static final String CHANGED =
            "SELECT persistence_id, MAX(ordering) FROM event_journal WHERE ordering > ?" + " GROUP BY persistence_id";
    private static final String SNAPSHOT = "SELECT snapshot_payload FROM snapshot"
            + " WHERE persistence_id = ? AND sequence_number <= ? ORDER BY sequence_number DESC LIMIT 1";

    private final ReadConnections connections;

    /** {@code connections}: how many reads may run at once; more wait. */
    public LogReader(Path dataDirectory, int connections) {
        this.connections = new ReadConnections(JournalConfig.file(dataDirectory), connections);
    }

    /** The segments of a mesh's current branch; an empty manifest for an unknown mesh. */
    public Manifest manifest(MeshId mesh) {
        return connections.use(connection -> manifest(connection, mesh));
    }

    /**
     * Events after {@code afterSeq} of the current branch, ascending, without gaps, across segments.
     *
     * @param max at most so many, and about {@value #MAX_READ_BYTES} bytes, but at least one if there is one
     */
    public List<EventEnvelope> read(MeshId mesh, long afterSeq, int max) {
        return connections.use(connection -> read(connection, manifest(connection, mesh), afterSeq, max));
    }

    private static List<EventEnvelope> read(Connection connection, Manifest manifest, long afterSeq, int max)
            throws SQLException {
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
            bytes += read(connection, manifest, segment, at, max, bytes, events);
        }
        return events;
    }

    /** The last event's; {@link Head#empty} for an unknown mesh. */
    public Head head(MeshId mesh) {
        return last(mesh).map(EventEnvelope::head).orElseGet(() -> Head.empty(mesh));
    }

    /** The last event of the current branch. */
    public Optional<EventEnvelope> last(MeshId mesh) {
        return connections.use(connection -> end(connection, mesh).last());
    }

    /** The head, and the segments that lead to it; consistent with each other. */
    public Branch branch(MeshId mesh) {
        return connections.use(connection -> {
            End end = end(connection, mesh);
            return new Branch(
                    end.last().map(EventEnvelope::head).orElseGet(() -> Head.empty(mesh)),
                    end.manifest().segments());
        });
    }

    public record Branch(Head head, List<Manifest.Segment> segments) {}

    private record End(Manifest manifest, Optional<EventEnvelope> last) {}

    /** The current segment may be listed and not yet have its first event: then it does not count yet. */
    private static End end(Connection connection, MeshId mesh) throws SQLException {
        Manifest manifest = manifest(connection, mesh);
        while (manifest.current().isPresent()) {
            Manifest.Segment current = manifest.current().get();
            Optional<EventEnvelope> last = last(connection, mesh, current);
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
        return connections.use(connection -> {
            Manifest earlier = manifest(connection, mesh).before(tail);
            long from = Math.max(afterSeq, tail.first().seq() - 1);
            long left = tail.last().position().seq() - from;
            return read(connection, earlier, from, Math.clamp(left, 0, max));
        });
    }

    /** The newest state of the current branch at or before {@code seq} that there is a sound snapshot of. */
    public Optional<LogState> snapshotAtOrBefore(MeshId mesh, long seq) {
        return connections.use(connection -> {
            for (Manifest.Segment segment :
                    manifest(connection, mesh).segments().reversed()) {
                if (segment.baseSeq() < seq) {
                    Optional<LogState> snapshot = snapshot(connection, mesh, segment, seq - segment.baseSeq());
                    if (snapshot.isPresent()) {
                        return snapshot;
                    }
                }
            }
            return Optional.empty();
        });
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

    /** Every mesh that something was ever recorded for; its log may still be empty. */
    public List<MeshId> meshes() {
        return connections.use(connection -> {
            List<MeshId> meshes = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(IDS);
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    PersistenceIds.meshOf(rows.getString(1))
                            .filter(mesh -> !meshes.contains(mesh))
                            .ifPresent(meshes::add);
                }
            }
            return meshes;
        });
    }

    /** The place behind everything that is committed now, for {@link #changedAfter}. */
    public long commitMark() {
        return connections.use(connection -> {
            try (PreparedStatement statement =
                            connection.prepareStatement("SELECT COALESCE(MAX(ordering), 0) FROM event_journal");
                    ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        });
    }

    /** The meshes with commits behind {@code mark}, whichever node made them, each with the mark of its last. */
    public Map<MeshId, Long> changedAfter(long mark) {
        return connections.use(connection -> {
            Map<MeshId, Long> changed = new LinkedHashMap<>();
            try (PreparedStatement statement = connection.prepareStatement(CHANGED)) {
                statement.setLong(1, mark);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        long last = rows.getLong(2);
                        PersistenceIds.meshOf(rows.getString(1))
                                .ifPresent(mesh -> changed.merge(mesh, last, Math::max));
                    }
                }
            }
            return changed;
        });
    }

    @Override
    public void close() {
        connections.close();
    }

    private static Manifest manifest(Connection connection, MeshId mesh) throws SQLException {
        Manifest manifest = Manifest.empty(mesh);
        try (PreparedStatement statement = connection.prepareStatement(MANIFEST)) {
            statement.setString(1, PersistenceIds.manifest(mesh));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    manifest = manifest.next(JournalSerializer.manifestEvent(rows.getBytes(1), rows.getString(2)));
                }
            }
        }
        return manifest;
    }

    /** Appends to {@code events}; returns the bytes that were read. */
    private static long read(
            Connection connection,
            Manifest manifest,
            Manifest.Segment segment,
            long afterSeq,
            int max,
            long bytesBefore,
            List<EventEnvelope> events)
            throws SQLException {
        long bytes = 0;
        long base = segment.baseSeq();
        int room = max - events.size();
        long expected = afterSeq - base + 1;
        // The offset within the segment cannot overflow: the last segment's end is bounded by the room.
        long last = Math.min(manifest.lastSeqOf(segment) - base, expected + room - 1);
        try (PreparedStatement statement = connection.prepareStatement(EVENTS)) {
            statement.setString(1, PersistenceIds.segment(manifest.mesh(), segment.epoch()));
            statement.setLong(2, expected);
            statement.setLong(3, last);
            try (ResultSet rows = statement.executeQuery()) {
                while (bytesBefore + bytes < MAX_READ_BYTES && rows.next()) {
                    byte[] row = rows.getBytes(2);
                    EventEnvelope event = envelope(manifest.mesh(), segment, rows.getLong(1), row);
                    if (rows.getLong(1) != expected) {
                        throw missing(manifest.mesh(), segment, expected);
                    }
                    expected++;
                    bytes += row.length;
                    events.add(event);
                }
            }
        }
        return bytes;
    }

    private static Optional<EventEnvelope> last(Connection connection, MeshId mesh, Manifest.Segment segment)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LAST)) {
            statement.setString(1, PersistenceIds.segment(mesh, segment.epoch()));
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next()
                        ? Optional.of(envelope(mesh, segment, rows.getLong(1), rows.getBytes(2)))
                        : Optional.empty();
            }
        }
    }

    private static Optional<LogState> snapshot(
            Connection connection, MeshId mesh, Manifest.Segment segment, long sequenceNumber) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SNAPSHOT)) {
            statement.setString(1, PersistenceIds.segment(mesh, segment.epoch()));
            statement.setLong(2, sequenceNumber);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(JournalSerializer.state(rows.getBytes(1))) : Optional.empty();
            }
        } catch (LogDamagedException e) {
            // Events are never deleted: without the snapshot the fold only takes longer.
            return Optional.empty();
        }
    }

    private static EventEnvelope envelope(MeshId mesh, Manifest.Segment segment, long sequenceNumber, byte[] bytes) {
        long seq = segment.baseSeq() + sequenceNumber;
        EventEnvelope envelope;
        try {
            envelope = JournalSerializer.envelope(bytes);
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
