package io.meridian.persistence.internal.cassandra;

import com.datastax.oss.driver.api.core.cql.Row;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Snapshots in parts, since Cassandra takes no large rows. One is listed when all its parts are there; a writer that dies before leaves parts that nobody
 * reads. Blocks; thread-safe.
 */
final class SnapshotTable {
    private static final int PART_BYTES = 512 * 1024;
    private static final String LIST = "INSERT INTO snapshot (persistence_id, sequence_number, created,"
            + " snapshot_ser_id, snapshot_ser_manifest, parts) VALUES (?, ?, ?, ?, ?, ?)";
    private static final String STORE_PART =
            "INSERT INTO snapshot_part (persistence_id, sequence_number, part, bytes) VALUES (?, ?, ?, ?)";
    private static final String NEWEST = "SELECT sequence_number, created, snapshot_ser_id, snapshot_ser_manifest,"
            + " parts FROM snapshot WHERE persistence_id = ? AND sequence_number <= ? AND sequence_number >= ?"
            + " ORDER BY sequence_number DESC";
    private static final String PARTS =
            "SELECT bytes FROM snapshot_part WHERE persistence_id = ? AND sequence_number = ?";

    /** {@code created}: milliseconds since 1970. */
    record Listed(long sequenceNumber, long created, int serializerId, String manifest, int parts) {}

    private final CassandraSession session;

    SnapshotTable(CassandraSession session) {
        this.session = session;
    }

    void store(String log, Listed snapshot, byte[] bytes) {
        for (int part = 0; part < snapshot.parts(); part++) {
            int from = part * PART_BYTES;
            session.write(
                    STORE_PART,
                    log,
                    snapshot.sequenceNumber(),
                    part,
                    ByteBuffer.wrap(bytes, from, Math.min(PART_BYTES, bytes.length - from)));
        }
        session.write(
                LIST,
                log,
                snapshot.sequenceNumber(),
                snapshot.created(),
                snapshot.serializerId(),
                snapshot.manifest(),
                snapshot.parts());
    }

    static int parts(byte[] bytes) {
        return Math.ceilDiv(bytes.length, PART_BYTES);
    }

    /** The newest one of those with {@code first <= sequence number <= last} that was created at {@code createdBy} at the latest. */
    Optional<Listed> newest(String log, long first, long last, long createdBy) {
        List<Listed> found = new ArrayList<>();
        session.read(NEWEST, List.of(log, last, first), row -> {
            Listed listed = listed(row);
            if (listed.created() <= createdBy) {
                found.add(listed);
            }
            return found.isEmpty();
        });
        return found.stream().findFirst();
    }

    private static Listed listed(Row row) {
        return new Listed(
                row.getLong("sequence_number"),
                row.getLong("created"),
                row.getInt("snapshot_ser_id"),
                EventTable.text(row, "snapshot_ser_manifest"),
                row.getInt("parts"));
    }

    /** As stored: of a part that is missing nothing, which a snapshot's own hash shows. */
    byte[] bytes(String log, Listed snapshot) {
        List<byte[]> parts = new ArrayList<>();
        session.each(
                PARTS,
                List.of(log, snapshot.sequenceNumber()),
                row -> parts.add(EventTable.array(EventTable.bytes(row, "bytes"))));
        ByteBuffer whole =
                ByteBuffer.allocate(parts.stream().mapToInt(part -> part.length).sum());
        parts.forEach(whole::put);
        return whole.array();
    }
}
