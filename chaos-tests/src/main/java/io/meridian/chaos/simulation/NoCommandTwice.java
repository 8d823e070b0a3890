package io.meridian.chaos.simulation;

import io.meridian.api.events.v1.EventHeader;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** I7: no command id is applied twice on a branch. */
final class NoCommandTwice extends Invariant {
    private final List<Map<String, Position>> applied = new ArrayList<>();

    NoCommandTwice(World world) {
        super(world, "I7 no command twice");
        for (int place = 0; place < world.members(); place++) {
            applied.add(new HashMap<>());
        }
    }

    @Override
    void stored(Region region, Disk.Stored what) {
        if (what instanceof Disk.Stored.InSegment(var epoch, var envelopes)) {
            // Only its first event makes a segment part of the branch, and what it leaves behind no part of it.
            if (envelopes.getFirst().opensSegment()) {
                readAgain(region);
            } else {
                envelopes.forEach(envelope -> add(region, envelope));
            }
        }
    }

    @Override
    void restored(Region region) {
        readAgain(region);
    }

    private void readAgain(Region region) {
        applied.get(region.place).clear();
        region.disk.read(0, Integer.MAX_VALUE).forEach(envelope -> add(region, envelope));
    }

    private void add(Region region, EventEnvelope envelope) {
        EventHeader header = envelope.header();
        if (header.getCommandId().isEmpty() || header.getIndexInCommand() != header.getEventsInCommand() - 1) {
            return;
        }
        Position before = applied.get(region.place).put(header.getCommandId(), envelope.position());
        if (before != null && !before.equals(envelope.position())) {
            throw violated(header.getCommandId() + " is applied at " + before + " and at " + envelope.position()
                    + " in " + region.id);
        }
    }
}
