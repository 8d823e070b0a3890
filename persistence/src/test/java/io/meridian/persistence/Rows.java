package io.meridian.persistence;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.fixture.JournalKind;
import io.meridian.persistence.internal.JournalSerializer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.ExtendedActorSystem;

/** Writes rows as the plugin does, many in one transaction. */
final class Rows implements AutoCloseable {
    static final RegionId REGION = new RegionId("eu-1", 1);

    private final ActorSystem system = ActorSystem.create("rows");
    private final JournalSerializer serializer = new JournalSerializer((ExtendedActorSystem) system);
    private final Connection connection;

    Rows(JournalKind kind, Path data) throws SQLException {
        kind.journal(data).prepare(REGION);
        connection = kind.connect(data);
    }

    void manifest(MeshId mesh, long sequenceNumber, ManifestEvent event) throws SQLException {
        insert(PersistenceIds.manifest(mesh), sequenceNumber, serializer.toBinary(event), serializer.manifest(event));
    }

    void events(long baseSeq, List<EventEnvelope> events) throws SQLException {
        connection.setAutoCommit(false);
        for (EventEnvelope event : events) {
            LogEvent row = LogEvent.written(event, null);
            insert(
                    PersistenceIds.segment(event.mesh(), event.epoch()),
                    event.seq() - baseSeq,
                    serializer.toBinary(row),
                    serializer.manifest(row));
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    void snapshot(long baseSeq, LogState state) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO snapshot (persistence_id, sequence_number, created,"
                        + " snapshot_ser_id, snapshot_ser_manifest, snapshot_payload) VALUES (?, ?, 0, 641001, ?, ?)")) {
            insert.setString(
                    1,
                    PersistenceIds.segment(
                            state.head().position().mesh(),
                            state.head().position().epoch()));
            insert.setLong(2, state.head().position().seq() - baseSeq);
            insert.setString(3, JournalSerializer.SNAPSHOT);
            insert.setBytes(4, serializer.toBinary(state));
            insert.executeUpdate();
        }
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void insert(String id, long sequenceNumber, byte[] bytes, String manifest) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO event_journal (persistence_id,"
                + " sequence_number, writer, write_timestamp, adapter_manifest, event_payload, event_ser_id,"
                + " event_ser_manifest) VALUES (?, ?, 'w', 0, '', ?, 641001, ?)")) {
            insert.setString(1, id);
            insert.setLong(2, sequenceNumber);
            insert.setBytes(3, bytes);
            insert.setString(4, manifest);
            insert.executeUpdate();
        }
    }

    JournalSerializer serializer() {
        return serializer;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
        system.terminate();
    }
}
