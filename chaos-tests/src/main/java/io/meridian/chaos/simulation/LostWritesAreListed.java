package io.meridian.chaos.simulation;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Position;
import java.util.List;
import java.util.Set;

/**
 * I6: in the end every acknowledged write is on the branch, or in a recorded divergent branch, and not in both. Except what was lost with a disk before another
 * region had it.
 */
final class LostWritesAreListed extends Invariant {
    LostWritesAreListed(World world) {
        super(world, "I6 lost writes are listed");
    }

    @Override
    void atEnd() {
        List<EventEnvelope> events = world.facts().branch();
        Set<Position> branch = Facts.positions(events);
        Set<Position> recorded = Facts.recorded(events);
        for (Facts.Okay okay : world.facts().okays()) {
            Position position = okay.position();
            if (!branch.contains(position)
                    && !recorded.contains(position)
                    && !world.facts().isLostWithADisk(position)) {
                throw violated(position + ", acknowledged at " + okay.atMillis()
                        + " ms, is neither on the branch nor in a divergent one");
            }
        }
        for (Position position : recorded) {
            if (branch.contains(position)) {
                throw violated(position + " is recorded as left behind and is on the branch");
            }
        }
    }
}
