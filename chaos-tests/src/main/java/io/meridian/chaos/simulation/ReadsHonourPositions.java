package io.meridian.chaos.simulation;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Position;
import java.util.List;
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
        List<EventEnvelope> events = world.facts().branch();
        boolean abandoned = world.facts().openings().keySet().stream()
                .anyMatch(epoch ->
                        events.stream().noneMatch(event -> event.epoch().equals(epoch)));
        if (abandoned || world.facts().restoredDisks() > 0) {
            // What was given up in favour of a branch is in force again where that one was given up in its turn.
            return;
        }
        Set<Position> branch = Facts.positions(events);
        for (Position position : world.facts().toldRolledBack()) {
            if (branch.contains(position)) {
                throw violated(position + " was told to be rolled back and is on the final branch");
            }
        }
    }
}
