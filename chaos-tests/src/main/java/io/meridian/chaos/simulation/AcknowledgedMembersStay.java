package io.meridian.chaos.simulation;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Position;
import java.util.Set;

/**
 * A change of members that was acknowledged is on the final branch: a majority held it before the answer. Except where an operator waived a majority, where a
 * disk was replaced by an older copy, or where the mesh was created twice.
 */
final class AcknowledgedMembersStay extends Invariant {
    AcknowledgedMembersStay(World world) {
        super(world, "I13 acknowledged members stay");
    }

    static boolean isChange(EventEnvelope envelope) {
        String type = envelope.header().getType();
        return type.equals("RegionJoined") || type.equals("RegionLeft");
    }

    @Override
    void atEnd() {
        Facts facts = world.facts();
        if (facts.majorityWaived() || facts.restoredDisks() > 0 || facts.createdTwice()) {
            return;
        }
        Set<Position> branch = Facts.positions(facts.branch());
        for (Facts.Okay okay : facts.okays()) {
            EventEnvelope written = facts.written().get(okay.position());
            if (written != null && isChange(written) && !branch.contains(okay.position())) {
                throw violated(okay.position() + " " + written.header().getType() + ", acknowledged at "
                        + okay.atMillis() + " ms, is not on the final branch");
            }
        }
    }
}
