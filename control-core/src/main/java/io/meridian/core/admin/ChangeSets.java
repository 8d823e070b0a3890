package io.meridian.core.admin;

import io.meridian.api.admin.v1.ResourceResult;
import io.meridian.model.mesh.MeshCommand.ResourceIntent;
import io.meridian.model.mesh.MeshEvent.ResourceChange;
import io.meridian.model.mesh.MeshEvent.ResourceDeleted;
import io.meridian.model.mesh.MeshEvent.ResourcePut;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;

/** What a change set did, or would do, to each object. */
final class ChangeSets {
    private ChangeSets() {}

    /** In the order of {@code changes}, then what did not have to change. {@code before}: as this region saw it before the command. */
    static List<ResourceResult> results(MeshState before, List<ResourceIntent> intents, List<ResourceChange> changes) {
        List<ResourceResult> results = new ArrayList<>();
        Set<ResourceKey> changed = new HashSet<>();
        for (ResourceChange change : changes) {
            changed.add(change.key());
            results.add(result(change.key(), outcome(before, change)));
        }
        for (ResourceIntent intent : intents) {
            if (changed.add(intent.key())) {
                results.add(result(intent.key(), ResourceResult.Outcome.UNCHANGED));
            }
        }
        return results;
    }

    /** A state for analysis: {@code before} with the changes, whether they were stored or only tried. */
    static MeshState after(MeshState before, List<ResourceChange> changes) {
        PSortedMap<ResourceKey, Resource> resources = before.resources();
        long seq = before.head().position().seq() + 1;
        for (ResourceChange change : changes) {
            resources = switch (change) {
                case ResourcePut put -> resources.plus(put.key(), resource(put, seq));
                case ResourceDeleted deleted -> resources.minus(deleted.key());
            };
        }
        return before.withResources(resources);
    }

    private static Resource resource(ResourcePut put, long seq) {
        return new Resource(
                put.key(),
                put.apiVersion(),
                put.labels(),
                put.annotations(),
                put.spec(),
                put.uid(),
                put.created(),
                put.generation(),
                seq);
    }

    private static ResourceResult.Outcome outcome(MeshState before, ResourceChange change) {
        return switch (change) {
            case ResourceDeleted deleted -> ResourceResult.Outcome.DELETED;
            case ResourcePut put -> {
                @Nullable Resource known = before.resources().get(put.key());
                boolean isNew =
                        put.generation() == 1 && (known == null || !known.uid().equals(put.uid()));
                yield isNew ? ResourceResult.Outcome.CREATED : ResourceResult.Outcome.CONFIGURED;
            }
        };
    }

    private static ResourceResult result(ResourceKey key, ResourceResult.Outcome outcome) {
        return ResourceResult.newBuilder()
                .setKey(key.toProto())
                .setOutcome(outcome)
                .build();
    }
}
