package io.meridian.persistence.internal.cassandra;

import java.util.Optional;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.snapshot.japi.SnapshotStore;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;
import scala.concurrent.Future;

/** Pekko's snapshot store over {@link SnapshotTable}. Configured by meridian/journal-cassandra.conf. */
public final class CassandraSnapshotStore extends SnapshotStore {
    private final PluginSession session;
    private final Serialization serialization;

    /** Pekko looks for this constructor. */
    public CassandraSnapshotStore() {
        session = PluginSession.of(context().system());
        serialization = SerializationExtension.get(context().system());
    }

    @Override
    public Future<Optional<SelectedSnapshot>> doLoadAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
        return session.ask(open -> {
            SnapshotTable snapshots = new SnapshotTable(open);
            return snapshots
                    .newest(persistenceId, criteria.minSequenceNr(), criteria.maxSequenceNr(), criteria.maxTimestamp())
                    .map(listed -> new SelectedSnapshot(
                            new SnapshotMetadata(persistenceId, listed.sequenceNumber(), listed.created()),
                            serialization
                                    .deserialize(
                                            snapshots.bytes(persistenceId, listed),
                                            listed.serializerId(),
                                            listed.manifest())
                                    .get()));
        });
    }

    @Override
    public Future<Void> doSaveAsync(SnapshotMetadata metadata, Object snapshot) {
        return session.ask(open -> {
            Serializer serializer = serialization.findSerializerFor(snapshot);
            byte[] bytes = serializer.toBinary(snapshot);
            new SnapshotTable(open)
                    .store(
                            metadata.persistenceId(),
                            new SnapshotTable.Listed(
                                    metadata.sequenceNr(),
                                    metadata.timestamp(),
                                    serializer.identifier(),
                                    Serializers.manifestFor(serializer, snapshot),
                                    SnapshotTable.parts(bytes)),
                            bytes);
            return null;
        });
    }

    @Override
    public Future<Void> doDeleteAsync(SnapshotMetadata metadata) {
        return PluginSession.refused("snapshots are never deleted");
    }

    @Override
    public Future<Void> doDeleteAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
        return PluginSession.refused("snapshots are never deleted");
    }
}
