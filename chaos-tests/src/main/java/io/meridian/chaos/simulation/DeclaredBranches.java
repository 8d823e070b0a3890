package io.meridian.chaos.simulation;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Position;
import io.meridian.persistence.Manifest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * I2: what a region stores is on its branch, or in a tail that its manifest lists; and in the end every event on any disk is on the one branch or recorded as
 * part of a divergent one. Except on that of a region that left, where another disk was replaced by an older copy: it follows no more, and the home may not
 * have heard it.
 */
final class DeclaredBranches extends Invariant {
    DeclaredBranches(World world) {
        super(world, "I2 declared branches");
    }

    @Override
    void stored(Region region, Disk.Stored what) {
        if (what instanceof Disk.Stored.InManifest) {
            check(region);
        }
    }

    private void check(Region region) {
        Set<Position> accounted = Facts.positions(region.disk.read(0, Integer.MAX_VALUE));
        for (Manifest.Tail tail : region.disk.manifest().tails()) {
            accounted.addAll(Facts.positions(region.disk.readTail(tail, 0, Integer.MAX_VALUE)));
        }
        for (List<EventEnvelope> segment : region.disk.segments().values()) {
            for (EventEnvelope envelope : segment) {
                // A segment that is listed and has no event yet hides what it will leave behind.
                if (!accounted.contains(envelope.position())) {
                    throw violated(region.id + " holds " + envelope.position()
                            + ", which is neither on its branch nor in a tail: " + region.disk.manifest());
                }
            }
        }
    }

    @Override
    void atEnd() {
        List<EventEnvelope> branch = world.facts().branch();
        Set<Position> known = new HashSet<>(Facts.positions(branch));
        known.addAll(Facts.recorded(branch));
        List<Region> followers = world.facts().restoredDisks() > 0 ? world.holders() : world.regionsWithEvents();
        for (Region region : followers) {
            for (List<EventEnvelope> segment : region.disk.segments().values()) {
                for (EventEnvelope envelope : segment) {
                    if (!known.contains(envelope.position())) {
                        throw violated(
                                envelope.position() + " " + envelope.header().getType() + " is on the disk of "
                                        + region.id + " and nowhere in the log");
                    }
                }
            }
        }
    }
}
