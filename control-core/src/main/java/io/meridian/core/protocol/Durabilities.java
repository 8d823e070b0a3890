package io.meridian.core.protocol;

import io.meridian.model.mesh.MeshState;

/** Who must hold a write before it is acknowledged. */
final class Durabilities {
    private Durabilities() {}

    /**
     * Other regions that must hold the command that led from {@code before} to {@code after}. What the mesh is set to afterwards counts, so
     * that an operator can degrade a mesh whose replicas are gone; for its deletion, what it was set to.
     */
    static int replicas(MeshState before, MeshState after) {
        MeshState deciding = after.isActive() ? after : before;
        return Math.max(deciding.spec().getDurability().getSyncReplicas(), 0);
    }
}
