package io.meridian.chaos.simulation;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.Epoch;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * A region that answered that it promised an epoch still knows it in its next life, and writes nothing in its own lower epochs any more. From others it stores
 * events of lower epochs only as the past of one that is not lower, or of one of its own that it lost with its disk, or to take over itself.
 */
final class PromisesHold extends Invariant {
    private final Epoch[] promised;
    /** Indices of regions whose disk became an older copy. */
    private final Set<Integer> forgetful = new HashSet<>();

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
        Epoch kept = promised[region.place];
        if (!(what instanceof Disk.Stored.InSegment(var epoch, var envelopes)) || epoch.compareTo(kept) >= 0) {
            return;
        }
        EventEnvelope first = envelopes.getFirst();
        if (first.header().getWriterIncarnation().equals(region.incarnation())) {
            throw violated(region.id + " wrote " + first.position() + " after it promised " + kept);
        }
        if (forgetful.contains(kept.regionIndex())) {
            // What it sent before it forgot that it was in this epoch is still on its way.
            return;
        }
        boolean takesOver = region.disk.manifest().promised().regionIndex() == region.id.index();
        if (!takesOver && envelopes.stream().anyMatch(envelope -> !isPastOf(kept, region, envelope))) {
            throw violated(region.id + " stored " + first.position() + " after it promised " + kept
                    + ", and no region is in that epoch or a later one with it");
        }
    }

    private boolean isPastOf(Epoch promise, Region region, EventEnvelope envelope) {
        return world.regionsWithEvents().stream()
                .filter(any -> isWelcome(any.disk.head().position().epoch(), promise, region))
                .anyMatch(any -> any.disk
                        .hashAt(envelope.seq())
                        .filter(envelope.hash()::equals)
                        .isPresent());
    }

    private static boolean isWelcome(Epoch source, Epoch promise, Region region) {
        return source.compareTo(promise) >= 0 || source.regionIndex() == region.id.index();
    }

    @Override
    void restored(Region region) {
        forgetful.add(region.id.index());
        Epoch left = region.disk.manifest().promised();
        if (left.compareTo(promised[region.place]) < 0) {
            world.facts().promiseLost();
            promised[region.place] = left;
        }
    }
}
