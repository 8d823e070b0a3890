package io.meridian.core.protocol;

import io.meridian.model.mesh.BranchAssessor;
import io.meridian.model.mesh.Decider;
import io.meridian.model.mesh.HomeTurn;
import java.util.List;

/**
 * The protocol of docs/replication.md: what one region does about one mesh. Pure; an instance has no state and is thread-safe.
 *
 * <p>Inputs are given one after the other, each with the state that the one before it left; outputs are carried out in order. Time passes by
 * {@link Input.Tick}, which has to come several times a second.
 */
public final class MeshProtocol {
    private final ProtocolSettings settings;
    private final HomeTurn home;
    private final BranchAssessor assessor;

    /** {@code decider}: judges what clients want, and what of a divergent branch could be brought back. */
    public MeshProtocol(ProtocolSettings settings, Decider decider) {
        this.settings = settings;
        home = new HomeTurn(decider);
        assessor = new BranchAssessor(decider);
    }

    /** What an input makes of a state. */
    public record Step(ProtocolState state, List<Output> outputs) {}

    /** Total: a fault of ours in judging a command is an {@link Output.Unjudged}. */
    public Step step(ProtocolState state, Moment at, Input input) {
        Turn turn = new Turn(settings, home, assessor, state.copy(), at);
        turn.take(input);
        turn.settle();
        return new Step(turn.state, turn.outputs);
    }

    /**
     * What everybody who waits is told when the journal failed, or the mesh moves to another node: the log has to be read back before anything else.
     */
    public List<Output> abandon(ProtocolState state, Moment at, String why) {
        Turn turn = new Turn(settings, home, assessor, state.copy(), at);
        turn.abandon(why);
        return turn.outputs;
    }
}
