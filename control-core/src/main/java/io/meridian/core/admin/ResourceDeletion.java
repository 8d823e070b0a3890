package io.meridian.core.admin;

import io.meridian.api.admin.v1.ApplyResourcesResponse;
import io.meridian.api.admin.v1.DeleteResourcesRequest;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.AppliedCommands;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshCommand.ResourceIntent;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.MeshId;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * Deletes objects by key or by manifest. Where missing ones don't matter, the home is asked for all of them, and again without those that it
 * does not know: what exists is for the home to say, not for a replica that may be behind.
 */
final class ResourceDeletion {
    private final Reads reads;
    private final Writes writes;
    private final ResourceWrites answers;

    ResourceDeletion(Reads reads, Writes writes, ResourceWrites answers) {
        this.reads = reads;
        this.writes = writes;
        this.answers = answers;
    }

    CompletionStage<ApplyResourcesResponse> delete(DeleteResourcesRequest request, Call call) {
        MeshId mesh = Names.mesh("parent", request.getParent());
        String namespace = Manifests.namespace(request.getDefaultNamespace());
        Manifests manifests = Manifests.read(request.getManifestsList(), namespace);
        List<Violation> namespaces = NamespaceDocuments.notDeletable(manifests.namespaces());
        if (!namespaces.isEmpty()) {
            throw Errors.rejected(manifests.placed(namespaces));
        }
        List<ResourceIntent> intents = new ArrayList<>(manifests.deletes());
        for (int i = 0; i < request.getKeysCount(); i++) {
            ResourceKey key = ResourceKeys.resolve("keys[" + i + "]", request.getKeys(i), namespace);
            intents.add(new MeshCommand.Delete(key, MeshCommand.Origin.UNKNOWN, Optional.empty()));
        }
        if (intents.isEmpty()) {
            throw Errors.invalid("keys", "is required: at least one key, or a manifest with at least one object");
        }
        CommandRequest command =
                writes.request(mesh, new MeshCommand.ApplyResources(intents), request.getOptions(), call);
        return reads.active(mesh, Optional.empty(), call).thenCompose(before -> {
            Attempt attempt = new Attempt(before, command, intents, manifests, request.getIgnoreNotFound(), call);
            return attempt.ignoreNotFound() && isApplied(before, command) ? replay(attempt, before) : send(attempt);
        });
    }

    private record Attempt(
            MeshState before,
            CommandRequest command,
            List<ResourceIntent> intents,
            Manifests manifests,
            boolean ignoreNotFound,
            Call call) {

        Attempt without(Set<String> missing) {
            List<ResourceIntent> left = intents.stream()
                    .filter(intent -> !missing.contains(intent.key().toString()))
                    .toList();
            return new Attempt(
                    before,
                    ResourceWrites.with(command, new MeshCommand.ApplyResources(left)),
                    left,
                    manifests,
                    ignoreNotFound,
                    call);
        }
    }

    private CompletionStage<ApplyResourcesResponse> send(Attempt attempt) {
        return writes.execute(attempt.command(), attempt.call()).thenCompose(outcome -> {
            if (outcome instanceof CommandOutcome.Rejected(var violations)) {
                if (attempt.ignoreNotFound() && are(violations, RejectionCode.RESOURCE_NOT_FOUND)) {
                    return sendRest(attempt, violations);
                }
                if (attempt.ignoreNotFound() && are(violations, RejectionCode.REQUEST_ID_REUSED)) {
                    return reads.active(attempt.command().mesh(), Optional.empty(), attempt.call())
                            .thenCompose(now -> isApplied(now, attempt.command())
                                    ? replay(attempt, now)
                                    : CompletableFuture.failedStage(Errors.rejected(violations)));
                }
                throw Errors.rejected(attempt.manifests().placed(violations));
            }
            return answers.answer(attempt.before(), attempt.intents(), Writes.accepted(outcome), attempt.manifests());
        });
    }

    private CompletionStage<ApplyResourcesResponse> sendRest(Attempt attempt, List<Violation> missing) {
        Attempt rest = attempt.without(missing.stream().map(Violation::object).collect(Collectors.toSet()));
        return rest.intents().isEmpty()
                ? CompletableFuture.completedStage(ResourceWrites.unchanged(attempt.before()))
                : send(rest);
    }

    /** A retry asks for all again, though the command that was applied under its id may have been for the rest only. */
    private CompletionStage<ApplyResourcesResponse> replay(Attempt attempt, MeshState now) {
        AppliedCommands.Applied earlier =
                now.applied().find(attempt.command().commandId()).orElseThrow();
        var replayed = new CommandOutcome.Accepted(earlier.position(), List.of(), true, false, List.of());
        return answers.answer(attempt.before(), List.of(), replayed, attempt.manifests())
                .thenApply(response -> {
                    Set<ResourceKey> asked = new HashSet<>();
                    attempt.intents().forEach(intent -> asked.add(intent.key()));
                    boolean same = response.getResultsCount() > 0
                            && response.getResultsList().stream()
                                    .allMatch(result -> asked.contains(ResourceKey.of(result.getKey())));
                    if (!same) {
                        throw Errors.rejected(List.of(new Violation(
                                RejectionCode.REQUEST_ID_REUSED,
                                "mesh " + now.id(),
                                "request_id",
                                "the id " + attempt.command().commandId()
                                        + " was used for another command, applied at position " + earlier.position()
                                        + "; use a new id for a new command")));
                    }
                    return response;
                });
    }

    private static boolean isApplied(MeshState state, CommandRequest command) {
        return state.applied().find(command.commandId()).isPresent();
    }

    private static boolean are(List<Violation> violations, RejectionCode code) {
        return violations.stream().allMatch(violation -> violation.code() == code);
    }
}
