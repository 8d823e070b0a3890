package io.meridian.core.protocol;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.EventCodec;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.UnreadableEventException;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.LogDamagedException;
import io.meridian.persistence.LogState;
import io.meridian.persistence.Manifest;
import io.meridian.persistence.ManifestEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What other regions wrote, judged by {@link Acceptance}, and what other regions hold of the own log. */
final class Copies {
    private final Turn turn;
    private final ProtocolState state;

    Copies(Turn turn) {
        this.turn = turn;
        this.state = turn.state;
    }

    void append(Input.Append append) {
        if (turn.queue.isFull()) {
            turn.outputs.add(new Output.AppendFailed(
                    append.token(), "mesh " + turn.mesh() + " has too much waiting; try again"));
            return;
        }
        List<Long> unknown = unknownSeqs(append.envelopes(), append.stored());
        if (!unknown.isEmpty()) {
            turn.outputs.add(new Output.ReadHashes(append, unknown));
            return;
        }
        Acceptance stopped = take(append.envelopes(), append.sourceEpoch(), append.stored(), state.promised);
        turn.queue.whenDurable(new Waiting.Append(append.token(), state.judged().head(), stopped));
    }

    /** Of events that are stored, or stand right before one: those whose hashes are neither in memory nor in {@code stored}. */
    private List<Long> unknownSeqs(List<EventEnvelope> envelopes, Map<Long, Hash> stored) {
        long head = state.judged().head().position().seq();
        return envelopes.stream()
                .filter(envelope -> envelope.seq() <= head)
                .flatMap(envelope -> envelope.opensSegment()
                        ? java.util.stream.Stream.of(envelope.seq() - 1, envelope.seq())
                        : java.util.stream.Stream.of(envelope.seq()))
                .filter(seq -> seq > 0)
                .filter(seq -> state.hashes.at(seq).isEmpty() && !stored.containsKey(seq))
                .distinct()
                .toList();
    }

    /**
     * Queues what is next.
     *
     * @param promised sources of lower epochs are refused
     * @return the first judgement that was neither Append nor Duplicate nor Fork, null if there was none
     */
    @Nullable
    Acceptance take(List<EventEnvelope> envelopes, Epoch sourceEpoch, Map<Long, Hash> stored, Epoch promised) {
        for (EventEnvelope envelope : envelopes) {
            Acceptance acceptance = judge(envelope, sourceEpoch, stored, promised);
            switch (acceptance) {
                case Acceptance.Append append -> {}
                case Acceptance.Duplicate duplicate -> {}
                case Acceptance.Fork fork -> {}
                default -> {
                    return acceptance;
                }
            }
        }
        return null;
    }

    private Acceptance judge(EventEnvelope envelope, Epoch sourceEpoch, Map<Long, Hash> stored, Epoch promised) {
        Acceptance acceptance = accept(envelope, sourceEpoch, stored, promised);
        if (acceptance instanceof Acceptance.Fork) {
            turn.queue.dropEarlier(
                    sourceEpoch,
                    "region " + turn.nameOf(sourceEpoch) + " went on with mesh " + turn.mesh() + " in epoch "
                            + sourceEpoch);
            acceptance = accept(envelope, sourceEpoch, stored, promised);
        }
        try {
            switch (acceptance) {
                case Acceptance.Append append -> {
                    return append(envelope, append);
                }
                case Acceptance.Fork fork -> {
                    return fork(envelope, fork, sourceEpoch);
                }
                default -> {
                    return acceptance;
                }
            }
        } catch (LogDamagedException e) {
            return new Acceptance.Conflict(String.valueOf(e.getMessage()));
        }
    }

    private Acceptance accept(EventEnvelope envelope, Epoch sourceEpoch, Map<Long, Hash> stored, Epoch promised) {
        return Acceptance.judge(
                state.judged().head(),
                promised,
                sourceEpoch,
                seq -> state.hashes.at(seq).orElseGet(() -> stored.getOrDefault(seq, Hash.ZERO)),
                envelope);
    }

    private Acceptance append(EventEnvelope envelope, Acceptance append) {
        LogState before = state.judged();
        boolean newEpoch = !envelope.epoch().equals(before.head().position().epoch());
        if (envelope.opensSegment() != newEpoch) {
            return new Acceptance.Conflict("event " + envelope.position()
                    + (newEpoch ? " does not open the segment of its epoch" : " opens a segment that is open already"));
        }
        turn.queue.add(List.of(envelope), before.next(envelope));
        return append;
    }

    /** What is stored behind the fork leaves the branch. It stays in the journal, and its home will be told of it. */
    private Acceptance fork(EventEnvelope opening, Acceptance.Fork fork, Epoch sourceEpoch) {
        Head left = state.judged().head();
        Head base;
        Epoch firstLeft;
        try {
            if (!(EventCodec.decode(opening) instanceof MeshEvent.SegmentOpened opened)
                    || opened.baseSeq() != fork.forkSeq()) {
                return new Acceptance.Conflict("event " + opening.position() + " does not say what it continues");
            }
            base = fork.forkSeq() == 0
                    ? Head.empty(turn.mesh())
                    : new Head(new Position(turn.mesh(), opened.parentEpoch(), fork.forkSeq()), opening.prevHash());
        } catch (UnreadableEventException e) {
            return new Acceptance.Conflict(String.valueOf(e.getMessage()));
        }
        firstLeft = epochAt(fork.forkSeq() + 1);
        LogState after = LogState.before(base).next(opening);
        Manifest.Tail tail = new Manifest.Tail(
                opening.epoch(), base, new Position(turn.mesh(), firstLeft, fork.forkSeq() + 1), left);
        // On the way to the later epoch the head may stand in an earlier one than it stood in: there is no way back.
        state.promised = Turn.max(state.promised, sourceEpoch);
        turn.queue.addFork(
                List.of(
                        new ManifestEvent.Promised(state.promised),
                        new ManifestEvent.TailLeft(tail),
                        new ManifestEvent.SegmentListed(
                                opening.epoch(), base.position().seq())),
                base,
                opening,
                after);
        turn.outputs.add(new Output.Notice(
                Output.Notice.Level.WARN,
                "mesh " + turn.mesh() + " goes on in epoch " + opening.epoch() + " of region "
                        + turn.nameOf(opening.epoch()) + " behind " + base.position()
                        + "; what this region held beyond, up to "
                        + left.position() + ", is the divergent branch " + tail.branch()));
        return fork;
    }

    private Epoch epochAt(long seq) {
        LogState log = state.judged();
        return log.isReadable()
                ? log.state().lineage().epochAt(seq)
                : state.manifest
                        .segmentOf(seq)
                        .map(Manifest.Segment::epoch)
                        .orElse(log.head().position().epoch());
    }

    /** A region that holds something else at that place does not hold the write. */
    void acknowledged(RegionId region, Head head) {
        Optional<Hash> own = state.hashes.at(head.position().seq());
        if (own.isEmpty() || !own.get().equals(head.hash())) {
            return;
        }
        Head earlier = state.acknowledged.get(region);
        if (earlier == null || earlier.position().compareTo(head.position()) < 0) {
            state.acknowledged = state.acknowledged.plus(region, head);
        }
    }
}
