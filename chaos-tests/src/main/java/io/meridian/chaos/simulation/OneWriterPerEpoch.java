package io.meridian.chaos.simulation;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Position;
import java.util.HashMap;
import java.util.Map;

/**
 * I1: an epoch has one writer, the region that it names, and every position holds the same bytes wherever it is stored. Except where an event was lost with a
 * disk before another region held it: its home cannot know of it, and gives its position again.
 */
final class OneWriterPerEpoch extends Invariant {
    private final Map<Position, EventEnvelope> first = new HashMap<>();

    OneWriterPerEpoch(World world) {
        super(world, "I1 one writer per epoch");
    }

    @Override
    void stored(Region region, Disk.Stored what) {
        if (!(what instanceof Disk.Stored.InSegment(var epoch, var envelopes))) {
            return;
        }
        for (EventEnvelope envelope : envelopes) {
            boolean lost = world.facts().isLostWithADisk(envelope.position());
            EventEnvelope known =
                    lost ? first.put(envelope.position(), envelope) : first.putIfAbsent(envelope.position(), envelope);
            if (lost) {
                continue;
            }
            if (known == null && epoch.regionIndex() != region.id.index()) {
                throw violated(region.id + " stored " + envelope.position() + ", which its writer never stored");
            }
            if (known != null
                    && !(known.hash().equals(envelope.hash())
                            && known.headerBytes().equals(envelope.headerBytes())
                            && known.payload().equals(envelope.payload()))) {
                throw violated(region.id + " stored another event at " + envelope.position() + ": "
                        + envelope.header().getType() + " " + envelope.hash() + ", not "
                        + known.header().getType() + " " + known.hash());
            }
        }
    }
}
