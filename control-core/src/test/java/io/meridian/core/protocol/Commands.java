package io.meridian.core.protocol;

import io.meridian.api.type.v1.Durability;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.mesh.MeshCommand;

/** Small commands. */
final class Commands {
    private Commands() {}

    static MeshCommand create() {
        return new MeshCommand.CreateMesh(MeshSpec.getDefaultInstance());
    }

    static MeshCommand create(int syncReplicas) {
        return new MeshCommand.CreateMesh(MeshSpec.newBuilder()
                .setDurability(Durability.newBuilder().setSyncReplicas(syncReplicas))
                .build());
    }

    static MeshCommand createWith(MeshSpec.Failover failover) {
        return new MeshCommand.CreateMesh(
                MeshSpec.newBuilder().setFailover(failover).build());
    }

    static MeshCommand namespace(String name) {
        return new MeshCommand.CreateNamespace(name, NamespaceSpec.getDefaultInstance());
    }
}
