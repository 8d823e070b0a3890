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

    /** How far the home's record of the tail goes, as far as the own log tells. */
    private static long recordedSeq(LogState log, Manifest.Tail tail) {
        DivergentBranch branch = log.state().branches().get(tail.branch());
        return branch == null ? tail.first().seq() - 1 : branch.head().position().seq();
    }

    void reported(Input.BranchReported reported) {
        if (!(Roles.of(turn) instanceof Role.Writer(var epoch))) {
            answer(reported, Optional.empty(), "region " + turn.self() + " is not the home of mesh " + turn.mesh() + " now");
            return;
        }
        if (reported.envelopes().isEmpty() || turn.queue.isFull()) {
            answer(reported, Optional.empty(), reported.envelopes().isEmpty() ? "no events" : "too much is waiting");
            return;
        }
        EventEnvelope first = reported.envelopes().getFirst();
        Optional<DivergentBranch> known = branchOf(reported);
        String name = known.map(DivergentBranch::name).orElse(first.epoch() + "-" + first.seq());
        long recorded = known.map(branch -> branch.head().position().seq()).orElse(first.seq() - 1);
        List<EventEnvelope> more = reported.envelopes().stream()
                .filter(envelope -> envelope.seq() > recorded)
                .toList();
        if (more.isEmpty()) {
            answer(reported, known.map(branch -> branch.head().position()), "");
            return;
        }
        Optional<String> wrong = wrong(reported, known, more);
        if (wrong.isPresent()) {
            turn.outputs.add(new Output.Notice(
                    Output.Notice.Level.WARN,
                    "region " + reported.origin() + " reported a branch of mesh " + turn.mesh()
                            + " that cannot be recorded: " + wrong.get()));
            answer(reported, Optional.empty(), wrong.get());
            return;
        }
        record(reported, epoch, name, more);
    }

    /** The branch that the events continue: they may come in parts, from several regions. */
    private Optional<DivergentBranch> branchOf(Input.BranchReported reported) {
        Position fork = reported.fork().position();
        Epoch first = reported.envelopes().getFirst().epoch();
        return state.judged().state().branches().values().stream()
                .filter(branch -> branch.fork().position().seq() == fork.seq())
                .filter(branch -> branch.name().equals(first + "-" + (fork.seq() + 1))
                        || branch.head().position().seq() + 1
                                == reported.envelopes().getFirst().seq())
                .findFirst();
    }

    private Optional<String> wrong(
            Input.BranchReported reported, Optional<DivergentBranch> known, List<EventEnvelope> more) {
        Head fork = reported.fork();
        boolean ours = fork.position().seq() == 0
                || reported.ownAtFork().equals(Optional.of(fork.hash()));
        if (!ours && !isOnRecordedBranch(fork.position())) {
            return Optional.of("this region's log does not hold the fork " + fork.position() + " (" + fork.hash() + ")");
        }
        Hash before = known.map(branch -> branch.head().hash()).orElse(fork.hash());
        long seq = known.map(branch -> branch.head().position().seq())
                .orElse(fork.position().seq());
        for (EventEnvelope envelope : more) {
            seq++;
            if (envelope.seq() != seq
                    || !envelope.mesh().equals(turn.mesh())
                    || !envelope.prevHash().equals(before)
                    || !envelope.computeHash().equals(envelope.hash())) {
                return Optional.of("event " + envelope.position() + " does not continue what comes before it");
            }
            before = envelope.hash();
        }
        return Optional.empty();
    }

    /** A branch may part from one that was abandoned in its turn. */
    private boolean isOnRecordedBranch(Position fork) {
        return state.judged().state().branches().values().stream()
                .anyMatch(branch -> branch.fork().position().seq() < fork.seq()
                        && fork.seq() <= branch.head().position().seq());
    }

    private void record(
            Input.BranchReported reported, Epoch epoch, String name, List<EventEnvelope> more) {
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
                token, Optional.ofNullable(branch).map(recorded -> recorded.head().position()), ""));
    }

    private void answer(Input.BranchReported reported, Optional<Position> recorded, String whyNot) {
        turn.outputs.add(new Output.BranchAnswered(reported.token(), recorded, whyNot));
    }
}
