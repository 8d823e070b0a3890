package io.meridian.chaos.simulation;

import io.meridian.model.position.Position;

/**
 * I4: the position of a region's durable head never goes back. Except on the way over to a branch of a later epoch, which the region has promised then, and
 * by an old copy of its disk, which is a fault.
 */
final class HeadsOnlyGrow extends Invariant {
    private final Position[] heads;

    HeadsOnlyGrow(World world) {
        super(world, "I4 heads only grow");
        heads = new Position[world.members()];
    }

    @Override
    void stored(Region region, Disk.Stored what) {
        check(region);
    }

    @Override
    void opened(Region region, Disk.Opened opened) {
        check(region);
    }

    private void check(Region region) {
        Position head = region.disk.head().position();
        Position before = heads[region.place];
        boolean goesOver = before != null && region.disk.manifest().promised().compareTo(before.epoch()) > 0;
        if (before != null && head.compareTo(before) < 0 && !goesOver) {
            throw violated("the head of " + region.id + " went back from " + before + " to " + head);
        }
        heads[region.place] = head;
    }

    @Override
    void restored(Region region) {
        heads[region.place] = region.disk.head().position();
    }
}
