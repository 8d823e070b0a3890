package io.meridian.core.internal;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.position.Epoch;
import io.meridian.persistence.LogDamagedException;
import io.meridian.persistence.LogState;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A replica's turn: judges what another region wrote by {@link Acceptance} and queues what is next. No Pekko, no I/O; owned by one entity. */
final class ReplicaTurn {
    private static final String SEGMENT_OPENED = "SegmentOpened";

    private final CommitQueue queue;
    private final RecentHashes hashes;
    private final Epoch promised;

    ReplicaTurn(CommitQueue queue, RecentHashes hashes, Epoch promised) {
        this.queue = queue;
        this.hashes = hashes;
        this.promised = promised;
    }

    /** Those that the log has, and whose hashes are neither in memory nor in {@code stored}: to be read before {@link #take}. */
    List<Long> unknownSeqs(List<EventEnvelope> envelopes, Map<Long, Hash> stored) {
        long head = queue.judged().head().position().seq();
        return envelopes.stream()
                .map(EventEnvelope::seq)
                .filter(seq -> seq <= head)
                .filter(seq -> hashes.at(seq).isEmpty() && !stored.containsKey(seq))
                .toList();
    }

    /** Returns the first judgement that was neither Append nor Duplicate, null if there was none; what precedes it is queued. */
    @Nullable
    Acceptance take(List<EventEnvelope> envelopes, Map<Long, Hash> stored) {
        for (EventEnvelope envelope : envelopes) {
            Acceptance acceptance = judge(envelope, stored);
            if (!(acceptance instanceof Acceptance.Append) && !(acceptance instanceof Acceptance.Duplicate)) {
                return acceptance;
            }
        }
        return null;
    }

    /** Judges one envelope and, if it is the next event, queues it. */
    private Acceptance judge(EventEnvelope envelope, Map<Long, Hash> stored) {
        LogState before = queue.judged();
        Acceptance acceptance = Acceptance.judge(
                before.head(),
                promised,
                seq -> hashes.at(seq).orElseGet(() -> stored.getOrDefault(seq, Hash.ZERO)),
                envelope);
        if (!(acceptance instanceof Acceptance.Append)) {
            return acceptance;
        }
        boolean opens = envelope.header().getType().equals(SEGMENT_OPENED);
        boolean newEpoch = !envelope.epoch().equals(before.head().position().epoch());
        if (opens != newEpoch) {
            return new Acceptance.Conflict("event " + envelope.position()
                    + (opens ? " opens a segment that is open already" : " does not open the segment of its epoch"));
        }
        try {
            LogState after = before.next(envelope);
            hashes.add(envelope);
            queue.add(List.of(envelope), after);
            return acceptance;
        } catch (LogDamagedException e) {
            return new Acceptance.Conflict(Failures.reason(e));
        }
    }
}
