package io.meridian.core.protocol;

import io.meridian.api.type.v1.MeshSpec.DivergencePolicy;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.BranchEntry;
import io.meridian.model.mesh.DivergentBranch;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.persistence.LogState;
import io.meridian.persistence.Manifest;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Events that a branch went on without: who holds them reports them to the home, which records them, so that no region forgets them. */
final class Tails {
    private final Turn turn;
    private final ProtocolState state;

    Tails(Turn turn) {
        this.turn = turn;
        this.state = turn.state;
    }

    void settle() {
        LogState log = state.durable;
        boolean due = turn.at.nowMillis() - state.reportedMillis
                >= turn.settings.timing().report().toMillis();
        if (state.manifest.tails().isEmpty() || !due || !log.isReadable()) {
            return;
        }
        state.reportedMillis = turn.at.nowMillis();
        String home = turn.nameOf(log.head().position().epoch());
        state.manifest.tails().stream()
                .filter(tail -> recordedSeq(log, tail) < tail.last().position().seq())
                .forEach(tail -> turn.outputs.add(new Output.ReportTail(home, tail, recordedSeq(log, tail))));
    }

    /** Whether something that this region holds beside its branch is in no log yet, as far as the own one tells. */
    boolean hasUnrecorded() {
        LogState log = state.durable;
        return state.manifest.tails().stream()
                .anyMatch(
                        tail -> recordedSeq(log, tail) < tail.last().position().seq());
    }

    /** How far the home's record of the tail goes, as far as the own log tells. Its beginning may be recorded as that of another branch. */
    private long recordedSeq(LogState log, Manifest.Tail tail) {
        Manifest before = state.manifest.before(tail);
        return log.state().branches().values().stream()
                .flatMap(branch -> branch.entries().stream())
                .map(BranchEntry::last)
                .filter(last -> last.seq() >= tail.first().seq()
                        && last.seq() <= tail.last().position().seq())
                .filter(last -> before.segmentOf(last.seq())
                        .filter(segment -> segment.epoch().equals(last.epoch()))
                        .isPresent())
                .mapToLong(Position::seq)
                .max()
                .orElse(tail.first().seq() - 1);
    }

    void reported(Input.BranchReported reported) {
        if (!(Roles.of(turn) instanceof Role.Writer(var epoch))) {
            answer(
                    reported,
                    Optional.empty(),
                    "region " + turn.self() + " is not the home of mesh " + turn.mesh() + " now");
            return;
        }
        if (reported.envelopes().isEmpty() || turn.queue.isFull()) {
            answer(reported, Optional.empty(), reported.envelopes().isEmpty() ? "no events" : "too much is waiting");
            return;
        }
        Collection<DivergentBranch> branches = state.judged().state().branches().values();
        List<EventEnvelope> more = reported.envelopes().stream()
                .filter(envelope -> branches.stream().noneMatch(branch -> branch.holds(envelope.position())))
                .toList();
        if (more.isEmpty()) {
            answer(reported, Optional.of(reported.envelopes().getLast().position()), "");
            return;
        }
        Optional<DivergentBranch> known = continuedBy(more.getFirst(), branches);
        Optional<String> wrong = wrong(reported, known, more);
        if (wrong.isPresent()) {
            turn.outputs.add(new Output.Notice(
                    Output.Notice.Level.WARN,
                    "region " + reported.origin() + " reported a branch of mesh " + turn.mesh()
                            + " that cannot be recorded: " + wrong.get()));
            answer(reported, Optional.empty(), wrong.get());
            return;
        }
        record(
                reported,
                epoch,
                known.map(DivergentBranch::name)
                        .orElseGet(() -> DivergentBranch.nameOf(more.getFirst().position())),
                more);
    }

    /** They may come in parts, from several regions. */
    private static Optional<DivergentBranch> continuedBy(EventEnvelope next, Collection<DivergentBranch> branches) {
        return branches.stream()
                .filter(branch -> branch.head().hash().equals(next.prevHash())
                        && branch.head().position().seq() + 1 == next.seq())
                .findFirst();
    }

    private Optional<String> wrong(
            Input.BranchReported reported, Optional<DivergentBranch> known, List<EventEnvelope> more) {
        Head fork = reported.fork();
        boolean ours = fork.position().seq() == 0 || reported.ownAtFork().equals(Optional.of(fork.hash()));
        if (!ours && !isOnRecordedBranch(fork.position().seq())) {
            return Optional.of(
                    "this region's log does not hold the fork " + fork.position() + " (" + fork.hash() + ")");
        }
        EventEnvelope first = more.getFirst();
        boolean atFork = first.seq() == fork.position().seq() + 1;
        if (known.isEmpty() && !atFork && !isOnRecordedBranch(first.seq() - 1)) {
            return Optional.of("what is between the fork " + fork.position() + " and event " + first.position()
                    + " was not reported");
        }
        Hash before = atFork ? fork.hash() : first.prevHash();
        long seq = first.seq();
        for (EventEnvelope envelope : more) {
            if (envelope.seq() != seq
                    || !envelope.mesh().equals(turn.mesh())
                    || !envelope.prevHash().equals(before)
                    || !envelope.computeHash().equals(envelope.hash())) {
                return Optional.of("event " + envelope.position() + " does not continue what comes before it");
            }
            seq++;
            before = envelope.hash();
        }
        return Optional.empty();
    }

    /** A branch may part from one that was abandoned in its turn. */
    private boolean isOnRecordedBranch(long seq) {
        return state.judged().state().branches().values().stream()
                .anyMatch(branch -> branch.fork().position().seq() < seq
                        && seq <= branch.head().position().seq());
    }

    private void record(Input.BranchReported reported, Epoch epoch, String name, List<EventEnvelope> more) {
        List<BranchEntry> entries = turn.assessor.assess(state.judged().state(), reported.fork(), more);
        turn.queue.record(
                epoch,
                Origins.because("region " + reported.origin() + " holds events that are not on this branch"),
                new MeshEvent.DivergentBranchDetected(name, reported.origin(), reported.fork(), more, entries));
        turn.queue.whenDurable(new Waiting.Branch(reported.token(), name));
        DivergencePolicy policy = state.judged().state().spec().getFailover().getDivergencePolicy();
        new BranchPolicies(turn).apply(policy, name, more, epoch);
    }

    void durable(long token, String name) {
        DivergentBranch branch = state.durable.state().branches().get(name);
        turn.outputs.add(new Output.BranchAnswered(
                token,
                Optional.ofNullable(branch).map(recorded -> recorded.head().position()),
                ""));
    }

    private void answer(Input.BranchReported reported, Optional<Position> recorded, String whyNot) {
        turn.outputs.add(new Output.BranchAnswered(reported.token(), recorded, whyNot));
    }
}
