package io.meridian.persistence;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.fixture.JournalKind;
import io.meridian.persistence.fixture.StoredRows;
import io.meridian.persistence.internal.JournalSerializer;
import java.nio.file.Path;
import java.util.List;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.ExtendedActorSystem;

/** Writes rows as the plugin does, many at once. */
final class Rows implements AutoCloseable {
    static final RegionId REGION = new RegionId("eu-1", 1);

    private final ActorSystem system = ActorSystem.create("rows");
    private final JournalSerializer serializer = new JournalSerializer((ExtendedActorSystem) system);
    private final StoredRows stored;

    Rows(JournalKind kind, Path data) {
        kind.journal(data).prepare(REGION);
        stored = kind.rows(data);
    }

    void manifest(MeshId mesh, long sequenceNumber, ManifestEvent event) {
        stored.insert(
                PersistenceIds.manifest(mesh),
                List.of(new JournalRows.Row(sequenceNumber, serializer.toBinary(event), serializer.manifest(event))));
    }

    /** Of one segment. */
    void events(long baseSeq, List<EventEnvelope> events) {
        EventEnvelope first = events.getFirst();
        stored.insert(
                PersistenceIds.segment(first.mesh(), first.epoch()),
                events.stream().map(event -> row(baseSeq, event)).toList());
    }

    private JournalRows.Row row(long baseSeq, EventEnvelope event) {
        LogEvent row = LogEvent.written(event, null);
        return new JournalRows.Row(event.seq() - baseSeq, serializer.toBinary(row), serializer.manifest(row));
    }

    void snapshot(long baseSeq, LogState state) {
        Position position = state.head().position();
        stored.insertSnapshot(
                PersistenceIds.segment(position.mesh(), position.epoch()),
                position.seq() - baseSeq,
                serializer.toBinary(state));
    }

    StoredRows stored() {
        return stored;
    }

    JournalSerializer serializer() {
        return serializer;
    }

    @Override
    public void close() {
        stored.close();
        system.terminate();
    }
}
