package io.meridian.core.admin;

import io.meridian.core.MeshLog;
import io.meridian.model.position.MeshId;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Which meshes this region has a log of, asked once. */
final class MeshIds {
    private final MeshLog log;

    MeshIds(MeshLog log) {
        this.log = log;
    }

    CompletionStage<Set<MeshId>> all() {
        CompletableFuture<Set<MeshId>> first = new CompletableFuture<>();
        MeshLog.Subscription subscription = log.watchMeshes(first::complete);
        return first.whenComplete((meshes, failure) -> subscription.close());
    }
}
