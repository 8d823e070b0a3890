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
import java.util.stream.Stream;
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
        if (turn.queue.isFull() || state.resuming) {
            turn.outputs.add(new Output.AppendFailed(
                    append.token(),
                    "mesh " + turn.mesh()
                            + (state.resuming ? " goes over to another branch" : " has too much waiting")
                            + "; try again"));
            return;
        }
        List<Long> unknown = unknownSeqs(append.envelopes(), append.stored());
        if (!unknown.isEmpty()) {
            turn.outputs.add(new Output.ReadHashes(append, unknown));
            return;
        }
        Acceptance stopped =
                take(append.envelopes(), append.sourceEpoch(), append.stored(), least(append.sourceEpoch()));
        if (state.resuming) {
            turn.outputs.add(new Output.AppendFailed(
                    append.token(), "mesh " + turn.mesh() + " goes over to another branch; open anew"));
            return;
        }
        turn.queue.whenDurable(new Waiting.Append(append.token(), state.judged().head(), stopped));
    }

    /**
     * Sources of lower epochs are refused. A promise is for the homes of lower epochs: of an own epoch, whose events this region lost with its disk, there is
     * none but itself.
     */
    private Epoch least(Epoch sourceEpoch) {
        return state.run == null && sourceEpoch.regionIndex() == turn.self().index() ? Epoch.NONE : state.promised;
    }

    /** Of events that are stored, or stand right before one: those whose hashes are neither in memory nor in {@code stored}. */
    private List<Long> unknownSeqs(List<EventEnvelope> envelopes, Map<Long, Hash> stored) {
        long head = state.judged().head().position().seq();
        return envelopes.stream()
                .filter(envelope -> envelope.seq() <= head)
                .flatMap(envelope -> Stream.of(envelope.seq() - 1, envelope.seq()))
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
                case Acceptance.Fork fork -> {
                    if (state.resuming) {
                        return null;
                    }
                }
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
            return switch (acceptance) {
                case Acceptance.Append append -> append(envelope, append);
                case Acceptance.Fork fork ->
                    envelope.opensSegment() ? fork(envelope, fork, sourceEpoch) : resume(envelope, fork, sourceEpoch);
                default -> acceptance;
            };
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

    /**
     * The other branch goes on where segments of this one began that nobody else has: those are left, and what is stored of the segment before them is in
     * force again. Only the journal knows how far that goes.
     */
    private Acceptance resume(EventEnvelope next, Acceptance.Fork fork, Epoch sourceEpoch) {
        LogState log = state.judged();
        Head left = log.head();
        boolean atBase = log.isReadable()
                && log.state().lineage().segments().stream()
                        .anyMatch(segment -> segment.baseSeq() == fork.forkSeq()
                                && segment.epoch().compareTo(next.epoch()) > 0);
        if (!atBase) {
            return new Acceptance.Conflict("event " + next.position() + " differs from the one stored at seq "
                    + next.seq() + ", which no later epoch begins with");
        }
        Epoch parent = fork.forkSeq() == 0 ? Epoch.NONE : epochAt(fork.forkSeq());
        Head base = new Head(new Position(turn.mesh(), parent, fork.forkSeq()), next.prevHash());
        Position first = new Position(turn.mesh(), epochAt(fork.forkSeq() + 1), fork.forkSeq() + 1);
        Manifest.Tail tail = new Manifest.Tail(left.position().epoch(), base, first, left);
        // There is no way back.
        state.promised = Turn.max(state.promised, sourceEpoch);
        turn.queue.addManifest(
                List.of(new ManifestEvent.Promised(state.promised), new ManifestEvent.SegmentsLeft(tail)));
        String why = "mesh " + turn.mesh() + " goes on with " + next.position() + " behind " + base.position()
                + "; what this region held beyond, up to " + left.position() + ", is the divergent branch "
                + tail.branch();
        turn.queue.whenDurable(new Waiting.Resumed(why));
        turn.outputs.add(new Output.Notice(Output.Notice.Level.WARN, why));
        state.resuming = true;
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
