package io.meridian.core.protocol;

import io.meridian.api.events.v1.Takeover;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.HomeTurn;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.MeshEvent.SegmentOpened.Cause;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.Origin;
import io.meridian.model.mesh.Turn.Commit;
import io.meridian.model.position.Epoch;
import io.meridian.persistence.LogState;
import io.meridian.persistence.ManifestEvent;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.pcollections.HashTreePMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * Group commit: what arrives while a batch is being made durable is judged on the state after it and gathers for the next. Nobody is answered
 * before everything that his answer rests on is durable.
 */
final class Queue {
    private final Turn turn;
    private final ProtocolState state;

    Queue(Turn turn) {
        this.turn = turn;
        this.state = turn.state;
    }

    boolean isFull() {
        return state.waiting() >= turn.settings.limits().waiting()
                || state.queuedBytes >= turn.settings.limits().waitingBytes();
    }

    /** {@code envelopes} continue {@link ProtocolState#judged}, are of one epoch and stay together; {@code after} is the log then. */
    void add(List<EventEnvelope> envelopes, LogState after) {
        Head base = state.judged().head();
        Epoch epoch = envelopes.getFirst().epoch();
        Batch last = state.gathering.isEmpty() ? null : state.gathering.getLast();
        if (last != null && last.events() != null && hasRoom(last.events(), epoch)) {
            replaceLast(last.with(last.events().plus(envelopes, after)));
        } else {
            boolean opens = !epoch.equals(base.position().epoch());
            List<ManifestEvent> manifest = opens
                    ? List.of(new ManifestEvent.SegmentListed(
                            epoch, base.position().seq()))
                    : List.of();
            state.gathering = state.gathering.plus(Batch.of(manifest, base, envelopes, after));
        }
        remember(envelopes);
    }

    private boolean hasRoom(Batch.Events events, Epoch epoch) {
        return events.epoch().equals(epoch)
                && events.envelopes().size() < turn.settings.limits().batchEvents()
                && events.bytes() < turn.settings.limits().batchBytes();
    }

    /** Another branch takes over behind {@code base}, which is on both. */
    void addFork(List<ManifestEvent> manifest, Head base, EventEnvelope opening, LogState after) {
        state.gathering = state.gathering.plus(Batch.of(manifest, base, List.of(opening), after));
        state.hashes = state.hashes.upTo(base.position().seq());
        // They were of the branch that is left.
        state.acknowledged = HashTreePMap.empty();
        remember(List.of(opening));
    }

    void addManifest(List<ManifestEvent> events) {
        state.gathering = state.gathering.plus(Batch.of(events));
    }

    private void remember(List<EventEnvelope> envelopes) {
        for (EventEnvelope envelope : envelopes) {
            state.hashes = state.hashes.plus(envelope.head());
        }
        state.queuedBytes += Batch.size(envelopes);
    }

    /** Events of the log's own, by this region as the home in {@code epoch}. */
    void record(Epoch epoch, Origin origin, MeshEvent event) {
        Commit commit = HomeTurn.record(state.judged().state(), origin, turn.writer(epoch), List.of(event));
        add(commit.envelopes(), LogState.of(commit.next()));
    }

    /** The first event of a segment of this region's. */
    void open(Epoch epoch, Cause cause, Optional<Takeover> takeover, Origin origin) {
        MeshState base = state.judged().state();
        Commit commit = HomeTurn.open(base, origin, turn.writer(epoch), cause, takeover);
        add(commit.envelopes(), LogState.of(commit.next()));
        whenDurable(new Waiting.Opening(epoch, base.head(), takeover));
    }

    /** Is told when what was judged so far is durable; at once if it is. */
    void whenDurable(Waiting waiting) {
        if (!state.gathering.isEmpty()) {
            replaceLast(state.gathering.getLast().plus(waiting));
        } else if (state.inFlight != null) {
            state.inFlight = state.inFlight.plus(waiting);
        } else {
            durable(waiting);
            return;
        }
        state.waiting++;
    }

    private void replaceLast(Batch batch) {
        state.gathering = state.gathering.with(state.gathering.size() - 1, batch);
    }

    void flush() {
        if (state.inFlight == null && !state.gathering.isEmpty()) {
            Batch next = state.gathering.getFirst();
            state.gathering = state.gathering.minus(0);
            state.inFlight = next;
            turn.outputs.add(next.toWrite());
        }
    }

    void written() {
        Batch batch = state.inFlight;
        if (batch == null) {
            throw new IllegalStateException("the journal confirmed what was not given to it");
        }
        state.inFlight = null;
        for (ManifestEvent event : batch.manifest()) {
            state.manifest = state.manifest.next(event);
        }
        state.waiting -= batch.waiting().size();
        // The next batch is under way, and watchers know the head, before anybody hears of his answer.
        flush();
        Batch.Events events = batch.events();
        if (events != null) {
            state.durable = events.after();
            state.queuedBytes -= events.bytes();
            turn.outputs.add(new Output.HeadMoved(state.durable.head()));
        }
        batch.waiting().forEach(this::durable);
    }

    private void durable(Waiting waiting) {
        switch (waiting) {
            case Waiting.Command command -> turn.writes.durable(command);
            case Waiting.Append(var token, var head, var stopped) ->
                turn.outputs.add(new Output.Appended(token, head, stopped));
            case Waiting.Promise promise -> turn.votes.durable(promise);
            case Waiting.OwnPromise(var epoch) -> turn.takeovers.promised(epoch);
            case Waiting.Opening opening -> turn.takeovers.opened(opening);
            case Waiting.Branch(var token, var branch) -> turn.tails.durable(token, branch);
            case Waiting.Noted noted -> turn.members.durable(noted);
            case Waiting.Resumed(var why) -> turn.outputs.add(new Output.Reopen(why));
        }
    }

    /**
     * A later epoch stands: what was judged in an earlier one and has not been given to the journal never will be.
     *
     * @param by the later epoch
     */
    void dropEarlier(Epoch by, String why) {
        PVector<Batch> kept = TreePVector.empty();
        boolean dropping = false;
        long intact = Long.MAX_VALUE;
        for (Batch batch : state.gathering) {
            Batch.Events events = batch.events();
            // What was judged after a dropped event rests on it.
            dropping |= events != null && events.epoch().compareTo(by) < 0;
            if (dropping && events != null) {
                state.queuedBytes -= events.bytes();
                intact = Math.min(intact, events.base().position().seq());
                state.waiting -= batch.waiting().size();
                batch.waiting().forEach(waiting -> dropped(waiting, why));
            } else {
                kept = kept.plus(batch);
            }
        }
        state.gathering = kept;
        if (intact < Long.MAX_VALUE) {
            rememberBehind(intact);
        }
    }

    /** A fork that was dropped had put its hashes in the place of those that are in force again; what is missing now can be read. */
    private void rememberBehind(long intactSeq) {
        state.hashes = state.hashes.upTo(intactSeq);
        if (!state.durable.head().isEmpty()) {
            state.hashes = state.hashes.plus(state.durable.head());
        }
        Stream.concat(Stream.ofNullable(state.inFlight), state.gathering.stream())
                .map(Batch::events)
                .filter(Objects::nonNull)
                .forEach(events -> {
                    state.hashes = state.hashes.upTo(events.base().position().seq());
                    events.envelopes().forEach(envelope -> state.hashes = state.hashes.plus(envelope.head()));
                });
    }

    void abandon(String why) {
        Batch batch = state.inFlight;
        if (batch != null) {
            batch.waiting().forEach(waiting -> unknown(waiting, why));
        }
        state.gathering.forEach(later -> later.waiting().forEach(waiting -> dropped(waiting, why)));
        state.inFlight = null;
        state.gathering = TreePVector.empty();
        state.waiting = 0;
    }

    /** It may be durable or not. */
    private void unknown(Waiting waiting, String why) {
        switch (waiting) {
            case Waiting.Command command -> turn.writes.unknown(command, why);
            default -> dropped(waiting, why);
        }
    }

    /** It never came to the journal. */
    private void dropped(Waiting waiting, String why) {
        switch (waiting) {
            case Waiting.Command command -> turn.writes.answer(command.token(), Turn.unavailable(why));
            case Waiting.Append(var token, var head, var stopped) ->
                turn.outputs.add(new Output.AppendFailed(token, why));
            case Waiting.Promise(var token, var epoch) -> turn.votes.answer(token, false, why);
            case Waiting.Branch(var token, var branch) ->
                turn.outputs.add(new Output.BranchAnswered(token, Optional.empty(), why));
            case Waiting.Noted noted -> turn.members.durable(noted);
            case Waiting.OwnPromise own -> {}
            case Waiting.Opening opening -> {}
            case Waiting.Resumed resumed -> {}
        }
    }
}
