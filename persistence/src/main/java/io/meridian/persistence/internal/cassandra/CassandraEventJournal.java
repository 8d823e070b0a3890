package io.meridian.persistence.internal.cassandra;

import com.typesafe.config.Config;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.japi.AsyncWriteJournal;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Pekko's journal over {@link EventTable}. Configured by meridian/journal-cassandra.conf. A write that fails is UNKNOWN: its persistent actor stops, and the
 * next one first asks for the highest sequence number, after which nothing that was on its way remains so.
 */
public final class CassandraEventJournal extends AsyncWriteJournal {
    private final PluginSession session;
    private final Serialization serialization;

    /** Pekko looks for this constructor. */
    public CassandraEventJournal(Config config) {
        session = PluginSession.of(context().system());
        serialization = SerializationExtension.get(context().system());
    }

    @Override
    public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(Iterable<AtomicWrite> messages) {
        return session.ask(open -> {
            EventTable events = new EventTable(open);
            List<Optional<Exception>> written = new ArrayList<>();
            for (AtomicWrite batch : messages) {
                events.append(
                        batch.persistenceId(),
                        CollectionConverters.asJava(batch.payload()).stream()
                                .map(this::stored)
                                .toList());
                written.add(Optional.empty());
            }
            return written;
        });
    }

    private EventTable.Event stored(PersistentRepr event) {
        Object payload = event.payload();
        Serializer serializer = serialization.findSerializerFor(payload);
        return new EventTable.Event(
                event.sequenceNr(),
                event.writerUuid(),
                event.timestamp(),
                event.manifest(),
                serializer.identifier(),
                Serializers.manifestFor(serializer, payload),
                ByteBuffer.wrap(serializer.toBinary(payload)));
    }

    private PersistentRepr recovered(String log, EventTable.Event event) {
        Object payload = serialization
                .deserialize(EventTable.array(event.payload()), event.serializerId(), event.manifest())
                .get();
        return PersistentRepr.apply(
                        payload, event.sequenceNumber(), log, event.adapterManifest(), false, null, event.writer())
                .withTimestamp(event.writeTimestamp());
    }

    @Override
    public Future<Void> doAsyncReplayMessages(
            String persistenceId,
            long fromSequenceNr,
            long toSequenceNr,
            long max,
            Consumer<PersistentRepr> replayCallback) {
        return session.ask(open -> {
            long[] left = {max};
            if (max > 0) {
                new EventTable(open).read(persistenceId, fromSequenceNr, toSequenceNr, event -> {
                    replayCallback.accept(recovered(persistenceId, event));
                    return --left[0] > 0;
                });
            }
            return null;
        });
    }

    @Override
    public Future<Long> doAsyncReadHighestSequenceNr(String persistenceId, long fromSequenceNr) {
        return session.ask(open -> new EventTable(open).lastNumberForWriting(persistenceId));
    }

    @Override
    public Future<Void> doAsyncDeleteMessagesTo(String persistenceId, long toSequenceNr) {
        return PluginSession.refused("events are never deleted");
    }
}
