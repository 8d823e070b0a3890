package io.meridian.chaos.simulation;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.MeshEvent;

/** A home seals its segment for a handover only when the target holds everything before the seal. */
final class SealedIsHeld extends Invariant {
    SealedIsHeld(World world) {
        super(world, "sealed is held");
    }

    @Override
    void stored(Region region, Disk.Stored what) {
        if (!(what instanceof Disk.Stored.InSegment(var epoch, var envelopes))
                || epoch.regionIndex() != region.id.index()
                || world.facts().restoredDisks() > 0) {
            return;
        }
        for (EventEnvelope envelope : envelopes) {
            if (envelope.header().getType().equals("SegmentSealed")
                    && Facts.decoded(envelope) instanceof MeshEvent.SegmentSealed sealed) {
                Region target = world.member(world.placeOf(sealed.nextEpoch()));
                boolean held = target.disk.segment(epoch).stream()
                        .anyMatch(event -> event.hash().equals(envelope.prevHash()));
                if (!held) {
                    throw violated(region.id + " sealed at " + envelope.position() + " and " + target.id + " is at "
                            + target.disk.head().position());
                }
            }
        }
    }
}
