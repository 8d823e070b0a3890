package io.meridian.chaos.simulation;

import io.meridian.model.log.Lineage;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Position;

/** One read that demands a position, as control-core's StateReads answers it. */
final class ReadOperation {
    private static final long DEADLINE_MILLIS = 3_000;
    private static final long LOOK_AGAIN_MILLIS = 100;

    private final World world;
    private final Region region;
    private final Position demanded;
    private final long untilMillis;

    ReadOperation(World world, Region region, Position demanded) {
        this.world = world;
        this.region = region;
        this.demanded = demanded;
        untilMillis = world.nowMillis() + DEADLINE_MILLIS;
    }

    void look() {
        MeshProcess process = region.process();
        if (world.nowMillis() > untilMillis) {
            return;
        }
        if (process == null || !process.state().durable().isReadable()) {
            region.after(LOOK_AGAIN_MILLIS, this::look);
            return;
        }
        MeshState state = process.state().durable().state();
        Position held = state.head().position();
        if (world.has(Mutant.POSITION_IGNORED) || held.equals(demanded)) {
            world.found(region, demanded, state);
        } else if (held.epoch().compareTo(demanded.epoch()) < 0) {
            region.after(LOOK_AGAIN_MILLIS, this::look);
        } else if (held.seq() >= demanded.seq()) {
            Lineage lineage = region.disk.lineage();
            if (lineage.epochAt(demanded.seq()).equals(demanded.epoch())) {
                world.found(region, demanded, state);
            } else {
                world.rolledBack(region, demanded);
            }
        } else if (held.epoch().compareTo(demanded.epoch()) > 0) {
            world.rolledBack(region, demanded);
        } else {
            region.after(LOOK_AGAIN_MILLIS, this::look);
        }
    }
}
