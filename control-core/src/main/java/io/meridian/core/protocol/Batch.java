package io.meridian.core.protocol;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.persistence.LogEvent;
import io.meridian.persistence.LogState;
import io.meridian.persistence.ManifestEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * What becomes durable together, and who waits for it. Immutable.
 *
 * @param events of one epoch; null if only the manifest is written
 */
record Batch(PVector<ManifestEvent> manifest, @Nullable Events events, PVector<Waiting> waiting) {

    /**
     * @param base the head before them
     * @param after what is known of the log behind the last of them
     */
    record Events(Epoch epoch, Head base, PVector<EventEnvelope> envelopes, LogState after, int bytes) {

        Events plus(List<EventEnvelope> more, LogState afterMore) {
            return new Events(epoch, base, envelopes.plusAll(more), afterMore, bytes + size(more));
        }

        /** The last one carries the state after all. */
        private List<LogEvent> toLog() {
            List<LogEvent> log = new ArrayList<>(envelopes.size());
            for (int i = 0; i < envelopes.size(); i++) {
                log.add(LogEvent.written(envelopes.get(i), i == envelopes.size() - 1 ? after : null));
            }
            return log;
        }
    }

    static Batch of(List<ManifestEvent> manifest) {
        return new Batch(TreePVector.from(manifest), null, TreePVector.empty());
    }

    static Batch of(List<ManifestEvent> manifest, Head base, List<EventEnvelope> envelopes, LogState after) {
        Epoch epoch = envelopes.getFirst().epoch();
        return new Batch(
                TreePVector.from(manifest),
                new Events(epoch, base, TreePVector.from(envelopes), after, size(envelopes)),
                TreePVector.empty());
    }

    Batch plus(Waiting more) {
        return new Batch(manifest, events, waiting.plus(more));
    }

    Batch with(Events next) {
        return new Batch(manifest, next, waiting);
    }

    Output.Write toWrite() {
        return new Output.Write(
                manifest,
                Optional.ofNullable(events).map(log -> new Output.Write.Segment(log.epoch(), log.base(), log.toLog())));
    }

    static int size(List<EventEnvelope> envelopes) {
        int bytes = 0;
        for (EventEnvelope envelope : envelopes) {
            bytes += envelope.headerBytes().size() + envelope.payload().size();
        }
        return bytes;
    }
}
