package io.meridian.chaos.simulation;

import io.meridian.model.position.Position;
import java.util.Set;

/** I5: a write that a SYNC mesh acknowledged is on the final branch, as long as {@link Facts#synchronous} holds. */
final class SynchronousWritesStay extends Invariant {
    SynchronousWritesStay(World world) {
        super(world, "I5 synchronous writes stay");
    }

    @Override
    void atEnd() {
        if (!world.facts().synchronous()) {
            return;
        }
        Set<Position> branch = Facts.positions(world.facts().branch());
        for (Facts.Okay okay : world.facts().okays()) {
            if (!branch.contains(okay.position())) {
                throw violated(
                        okay.position() + ", acknowledged at " + okay.atMillis() + " ms, is not on the final branch");
            }
        }
    }
}
