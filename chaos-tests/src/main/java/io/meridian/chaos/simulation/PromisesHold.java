package io.meridian.chaos.simulation;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Epoch;
import java.util.Arrays;

/** A region that answered that it promised an epoch still knows it in its next life, and writes nothing in its own lower epochs any more. */
final class PromisesHold extends Invariant {
    private final Epoch[] promised;

    PromisesHold(World world) {
        super(world, "promises hold");
        promised = new Epoch[world.members()];
        Arrays.fill(promised, Epoch.NONE);
    }

    @Override
    void promised(Region region, Epoch epoch) {
        promised[region.place] = epoch.compareTo(promised[region.place]) > 0 ? epoch : promised[region.place];
    }

    @Override
    void opened(Region region, Disk.Opened opened) {
        if (opened.manifest().promised().compareTo(promised[region.place]) < 0) {
            throw violated(region.id + " promised " + promised[region.place] + " and knows only of "
                    + opened.manifest().promised());
        }
    }

    @Override
    void stored(Region region, Disk.Stored what) {
        if (what instanceof Disk.Stored.InSegment(var epoch, var envelopes)
                && epoch.regionIndex() == region.id.index()
                && epoch.compareTo(promised[region.place]) < 0
                && envelopes.getFirst().header().getWriterIncarnation().equals(region.incarnation())) {
            EventEnvelope first = envelopes.getFirst();
            throw violated(region.id + " wrote " + first.position() + " after it promised " + promised[region.place]);
        }
    }

    @Override
    void restored(Region region) {
        Epoch left = region.disk.manifest().promised();
        if (left.compareTo(promised[region.place]) < 0) {
            world.facts().promiseLost();
            promised[region.place] = left;
        }
    }
}
