package io.meridian.core.internal;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.persistence.LogEvent;
import io.meridian.persistence.LogState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Group commit: what arrives while a batch is being made durable is judged on the state after it and gathers for the next. Nobody is answered
 * before everything that his answer rests on is durable. No Pekko, no I/O; owned by one mesh's entity.
 */
final class CommitQueue {

    /** Somebody who waits. Exactly one of the three is called, once. */
    interface Waiting {
        /** What it rests on is durable. */
        void durable();

        /** Its batch was given to the journal, which failed: it may be durable or not. */
        void unknown(String reason);

        /** It never came to the journal. */
        void dropped(String reason);
    }

    /** Events of one segment that become durable together, or not at all. */
    static final class Batch {
        private final Head base;
        private final Epoch epoch;
        private final List<EventEnvelope> envelopes = new ArrayList<>();
        private final List<Waiting> waiting = new ArrayList<>();
        private LogState after;
        private int bytes;

        private Batch(LogState before, Epoch epoch) {
            base = before.head();
            after = before;
            this.epoch = epoch;
        }

        /** The last one carries the state after all. */
        SegmentedLog.Write toWrite() {
            List<LogEvent> events = new ArrayList<>(envelopes.size());
            for (int i = 0; i < envelopes.size(); i++) {
                events.add(LogEvent.written(envelopes.get(i), i == envelopes.size() - 1 ? after : null));
            }
            return new SegmentedLog.Write(epoch, base, events);
        }
    }

    private final int maxBatchEvents;
    private final int maxBatchBytes;
    private final Deque<Batch> gathering = new ArrayDeque<>();
    private LogState durable;
    private @Nullable Batch inFlight;
    private int waitingCount;
    private long queuedBytes;

    /** A batch is closed when it has reached one of the bounds; a single command's events may exceed them. */
    CommitQueue(LogState durable, int maxBatchEvents, int maxBatchBytes) {
        this.durable = durable;
        this.maxBatchEvents = maxBatchEvents;
        this.maxBatchBytes = maxBatchBytes;
    }

    LogState durable() {
        return durable;
    }

    /** What the next command is judged on. */
    LogState judged() {
        if (!gathering.isEmpty()) {
            return gathering.getLast().after;
        }
        return inFlight == null ? durable : inFlight.after;
    }

    /** How many wait. */
    int size() {
        return waitingCount;
    }

    /** Of events that are not durable yet. */
    long bytes() {
        return queuedBytes;
    }

    boolean isIdle() {
        return inFlight == null && gathering.isEmpty();
    }

    /** {@code envelopes} continue {@link #judged}, are of one epoch and stay together; {@code after} is the state then. */
    void add(List<EventEnvelope> envelopes, LogState after) {
        Epoch epoch = envelopes.getFirst().epoch();
        Batch batch = gathering.peekLast();
        if (batch == null
                || !batch.epoch.equals(epoch)
                || batch.envelopes.size() >= maxBatchEvents
                || batch.bytes >= maxBatchBytes) {
            batch = new Batch(judged(), epoch);
            gathering.addLast(batch);
        }
        for (EventEnvelope envelope : envelopes) {
            int size = envelope.headerBytes().size() + envelope.payload().size();
            batch.bytes += size;
            queuedBytes += size;
            batch.envelopes.add(envelope);
        }
        batch.after = after;
    }

    /** Answers when what was judged so far is durable; at once if it is. */
    void whenDurable(Waiting answer) {
        Batch last = gathering.isEmpty() ? inFlight : gathering.getLast();
        if (last == null) {
            answer.durable();
            return;
        }
        last.waiting.add(answer);
        waitingCount++;
    }

    /** What to give to the journal now; empty if it has a batch already or there is none. */
    Optional<Batch> take() {
        if (inFlight != null || gathering.isEmpty()) {
            return Optional.empty();
        }
        Batch next = gathering.removeFirst();
        inFlight = next;
        return Optional.of(next);
    }

    /** The batch taken last is durable. Who waited for it has to be answered by the caller, who may have to tell others first. */
    List<Waiting> committed(LogState state) {
        Batch batch = inFlight;
        if (batch == null || !batch.after.head().equals(state.head())) {
            throw new IllegalStateException(
                    "the journal confirmed " + state.head().position() + ", which was not given to it");
        }
        inFlight = null;
        durable = batch.after;
        waitingCount -= batch.waiting.size();
        queuedBytes -= batch.bytes;
        return batch.waiting;
    }

    /** The journal failed: everybody is told what is known of his command, which is nothing if it was in flight. */
    void fail(String reason) {
        if (inFlight != null) {
            inFlight.waiting.forEach(answer -> answer.unknown(reason));
        }
        gathering.forEach(batch -> batch.waiting.forEach(answer -> answer.dropped(reason)));
        gathering.clear();
        inFlight = null;
        waitingCount = 0;
        queuedBytes = 0;
    }
}
