package io.meridian.core.admin;

import io.meridian.api.admin.v1.ApplyResourcesRequest;
import io.meridian.api.admin.v1.ApplyResourcesResponse;
import io.meridian.api.admin.v1.RollbackRequest;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.Finding;
import io.meridian.core.MeshLog;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.EventCodec;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshCommand.ResourceIntent;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.MeshEvent.ResourceChange;
import io.meridian.model.mesh.MeshEvent.ResourcePut;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.UnreadableEventException;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Applying manifests and going back, with results per object and findings that know line and column. */
final class ResourceWrites {
    private final Reads reads;
    private final Writes writes;
    private final MeshLog log;
    private final ServiceAnalysis services;

    ResourceWrites(Reads reads, Writes writes, MeshLog log, ServiceAnalysis services) {
        this.reads = reads;
        this.writes = writes;
        this.log = log;
        this.services = services;
    }

    CompletionStage<ApplyResourcesResponse> apply(ApplyResourcesRequest request, Call call) {
        MeshId mesh = Names.mesh("parent", request.getParent());
        if (request.getManifestsCount() == 0) {
            throw Errors.invalid("manifests", "is required: at least one manifest");
        }
        Manifests manifests = Manifests.read(request.getManifestsList(), request.getDefaultNamespace());
        List<ResourceIntent> puts = manifests.puts();
        CommandRequest command = writes.request(mesh, new MeshCommand.ApplyResources(puts), request.getOptions(), call);
        return reads.any(mesh, Optional.empty(), call).thenCompose(before -> {
            if (!manifests.namespaces().isEmpty() && before.isActive()) {
                List<Violation> notThere = NamespaceDocuments.notApplied(before, manifests.namespaces());
                if (!notThere.isEmpty()) {
                    throw Errors.rejected(manifests.placed(notThere));
                }
                if (puts.isEmpty()) {
                    return CompletableFuture.completedStage(unchanged(before));
                }
            }
            return writes.execute(command, call)
                    .thenApply(outcome -> accepted(outcome, manifests))
                    .thenCompose(accepted -> answer(before, puts, accepted, manifests));
        });
    }

    private static CommandOutcome.Accepted accepted(CommandOutcome outcome, Manifests manifests) {
        if (outcome instanceof CommandOutcome.Rejected(var violations)) {
            throw Errors.rejected(manifests.placed(violations));
        }
        return Writes.accepted(outcome);
    }

    CompletionStage<ApplyResourcesResponse> rollback(RollbackRequest request, Call call) {
        MeshId mesh = Names.mesh("parent", request.getParent());
        Position to = Names.eventPosition("to", request.getTo(), mesh);
        Optional<ResourceKey> key = request.hasKey()
                ? Optional.of(ResourceKeys.resolve("key", request.getKey(), Manifests.namespace("")))
                : Optional.empty();
        Optional<String> namespace =
                request.getNamespace().isEmpty() ? Optional.empty() : Optional.of(request.getNamespace());
        CommandRequest early = writes.request(
                mesh, new MeshCommand.Rollback(to, List.of(), namespace, key), request.getOptions(), call);
        return reads.at(to, call)
                .thenCombine(reads.active(mesh, Optional.empty(), call), (then, now) -> {
                    List<Resource> target = then.resources().values().stream()
                            .filter(resource -> inScope(resource.key(), namespace, key))
                            .toList();
                    CommandRequest command = with(early, new MeshCommand.Rollback(to, target, namespace, key));
                    return writes.accept(command, call)
                            .thenCompose(accepted -> answer(now, List.of(), accepted, Manifests.none()));
                })
                .thenCompose(stage -> stage);
    }

    private static boolean inScope(ResourceKey key, Optional<String> namespace, Optional<ResourceKey> only) {
        return namespace.map(key.namespace()::equals).orElse(true)
                && only.map(key::equals).orElse(true);
    }

    static CommandRequest with(CommandRequest request, MeshCommand command) {
        return new CommandRequest(
                request.mesh(),
                request.commandId(),
                request.actor(),
                request.reason(),
                request.originRegion(),
                request.expectedPosition(),
                request.validateOnly(),
                command);
    }

    /** {@code before}: as this region saw the mesh before the command. */
    CompletionStage<ApplyResourcesResponse> answer(
            MeshState before, List<ResourceIntent> intents, CommandOutcome.Accepted accepted, Manifests manifests) {
        return changes(accepted).thenCompose(changes -> {
            List<ResourceKey> put = new ArrayList<>();
            intents.stream().filter(MeshCommand.Put.class::isInstance).forEach(intent -> put.add(intent.key()));
            changes.stream().filter(ResourcePut.class::isInstance).forEach(change -> put.add(change.key()));
            MeshState after = ChangeSets.after(before, changes);
            return services.findings(after, put).thenApply(found -> {
                List<Finding> warnings = new ArrayList<>();
                accepted.findings().forEach(finding -> warnings.add(manifests.placed(finding)));
                found.forEach(finding -> warnings.add(manifests.placed(finding)));
                return ApplyResourcesResponse.newBuilder()
                        .setWrite(Writes.response(accepted, warnings))
                        .addAllResults(ChangeSets.results(before, intents, changes))
                        .build();
            });
        });
    }

    /** A replay does not tell what it did; the log does, if this region has it already. */
    private CompletionStage<List<ResourceChange>> changes(CommandOutcome.Accepted accepted) {
        if (!accepted.replayed()) {
            return CompletableFuture.completedStage(accepted.changes());
        }
        Position position = accepted.position();
        return log.read(position.mesh(), position.seq() - 1, 1)
                .thenApply(events -> events.isEmpty() ? List.<ResourceChange>of() : changes(events.getFirst()));
    }

    private static List<ResourceChange> changes(EventEnvelope envelope) {
        try {
            return EventCodec.decode(envelope) instanceof MeshEvent.ResourcesApplied applied
                    ? applied.changes()
                    : List.of();
        } catch (UnreadableEventException e) {
            return List.of();
        }
    }

    static ApplyResourcesResponse unchanged(MeshState state) {
        return ApplyResourcesResponse.newBuilder()
                .setWrite(WriteResponse.newBuilder()
                        .setPosition(state.head().position().toProto())
                        .setUnchanged(true))
                .build();
    }
}
