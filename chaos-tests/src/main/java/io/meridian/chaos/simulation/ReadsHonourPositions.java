package io.meridian.chaos.simulation;

import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Position;
import java.util.Set;

/** I9: a read that demands a position is answered with a state of a branch that holds it, or told that it was rolled back, which then is so. */
final class ReadsHonourPositions extends Invariant {
    ReadsHonourPositions(World world) {
        super(world, "I9 reads honour positions");
    }

    @Override
    void found(Region region, Position demanded, MeshState state) {
        if (!state.lineage().holds(demanded, state.head().position())) {
            throw violated("a read at " + region.id + " that demanded " + demanded + " was answered with the state at "
                    + state.head().position());
        }
    }

    @Override
    void atEnd() {
        if (world.facts().majorityWaived() || world.facts().restoredDisks() > 0) {
            // Two branches may both be abandoned for each other's sake.
            return;
        }
        Set<Position> branch = Facts.positions(world.facts().branch());
        for (Position position : world.facts().toldRolledBack()) {
            if (branch.contains(position)) {
                throw violated(position + " was told to be rolled back and is on the final branch");
            }
        }
    }
}
