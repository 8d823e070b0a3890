package io.meridian.core.protocol;

import io.meridian.api.type.v1.Actor;
import io.meridian.api.type.v1.MeshSpec.DivergencePolicy;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.BranchEntry;
import io.meridian.model.mesh.BranchPolicy;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.DivergentBranch;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.Turn.Commit;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.persistence.LogState;
import java.util.List;
import java.util.Optional;

/** Does what a mesh's policy says about a branch that was just recorded: by the commands that an operator would give. */
final class BranchPolicies {
    private static final Actor POLICY = Actor.newBuilder()
            .setSubject("divergence-policy")
            .setAuthenticated(true)
            .setChannel("system")
            .build();

    private final Turn turn;

    BranchPolicies(Turn turn) {
        this.turn = turn;
    }

    /** {@code recorded}: the events that were just recorded; entries that lie elsewhere were judged with theirs. */
    void apply(DivergencePolicy policy, String name, List<EventEnvelope> recorded, Epoch epoch) {
        DivergentBranch branch = turn.state.judged().state().branches().get(name);
        if (branch == null) {
            return;
        }
        BranchPolicy.Automatic automatic = BranchPolicy.automatic(policy, branch);
        for (BranchEntry entry : automatic.reapply()) {
            List<EventEnvelope> events = recorded.stream()
                    .filter(envelope -> envelope.seq() >= entry.first().seq()
                            && envelope.seq() <= entry.last().seq())
                    .toList();
            if (!events.isEmpty()) {
                take(new MeshCommand.ReapplyBranch(name, entry.last(), events, false), entry.last(), policy, epoch);
            }
        }
        if (!automatic.discard().isEmpty()) {
            List<Position> positions =
                    automatic.discard().stream().map(BranchEntry::last).toList();
            take(new MeshCommand.DiscardBranch(name, positions), positions.getLast(), policy, epoch);
        }
    }

    private void take(MeshCommand command, Position entry, DivergencePolicy policy, Epoch epoch) {
        CommandRequest request = new CommandRequest(
                turn.mesh(),
                "policy-" + entry,
                POLICY,
                "the mesh's divergence policy is " + policy,
                turn.self().name(),
                Optional.empty(),
                false,
                command);
        // What is refused stays open, for an operator.
        if (turn.home.take(turn.state.judged().state(), request, turn.writer(epoch))
                instanceof Commit(var envelopes, var next, var outcome)) {
            turn.queue.add(envelopes, LogState.of(next));
        }
    }
}
