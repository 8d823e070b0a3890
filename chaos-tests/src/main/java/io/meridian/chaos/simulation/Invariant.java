package io.meridian.chaos.simulation;

import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import org.jspecify.annotations.Nullable;

/** Something that has to hold whatever happens; told of everything that it could be broken by. One for each run. */
abstract class Invariant {
    final World world;
    private final String name;

    Invariant(World world, String name) {
        this.world = world;
        this.name = name;
    }

    /** Something became durable on the region's disk, which has it already. */
    void stored(Region region, Disk.Stored what) {}

    void opened(Region region, Disk.Opened opened) {}

    /** An older copy took the place of the region's disk. */
    void restored(Region region) {}

    /** The region answered that it promised. */
    void promised(Region region, Epoch epoch) {}

    /** A read was answered with {@code state}. */
    void found(Region region, Position demanded, MeshState state) {}

    /** Faults are over and logs are equal. */
    void atEnd() {}

    final InvariantViolation violated(String how) {
        return violated(how, null);
    }

    final InvariantViolation violated(String how, @Nullable Throwable cause) {
        return new InvariantViolation(name, how, cause);
    }
}
