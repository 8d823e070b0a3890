package io.meridian.core.protocol;

import io.meridian.api.type.v1.Durability;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.mesh.MeshCommand;
import java.util.List;

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

    static MeshCommand durability(int syncReplicas) {
        return new MeshCommand.UpdateMesh(
                MeshSpec.newBuilder()
                        .setDurability(Durability.newBuilder().setSyncReplicas(syncReplicas))
                        .build(),
                List.of("durability.sync_replicas"));
    }

    static MeshCommand createWith(MeshSpec.Failover failover) {
        return new MeshCommand.CreateMesh(
                MeshSpec.newBuilder().setFailover(failover).build());
    }

    static MeshCommand namespace(String name) {
        return new MeshCommand.CreateNamespace(name, NamespaceSpec.getDefaultInstance());
    }
}
