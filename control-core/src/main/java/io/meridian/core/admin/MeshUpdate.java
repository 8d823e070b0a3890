package io.meridian.core.admin;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.FieldMask;
import com.google.protobuf.util.FieldMaskUtil;
import io.meridian.api.admin.v1.UpdateMeshRequest;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.AppliedCommands;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Updates some fields of a mesh's spec. The core only replaces whole specs, so the fields that the mask does not name are read first; that
 * nobody changes them in between is made sure by the expected position, and where somebody did it is tried again.
 */
final class MeshUpdate {
    private static final int MAX_TRIES = 6;
    /** Between tries, times their number: a replica has to catch up with its home. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    private static final String ALL = "*";
    private static final FieldMaskUtil.MergeOptions REPLACE = new FieldMaskUtil.MergeOptions()
            .setReplaceMessageFields(true)
            .setReplacePrimitiveFields(true)
            .setReplaceRepeatedFields(true);

    private final Reads reads;
    private final Writes writes;

    MeshUpdate(Reads reads, Writes writes) {
        this.reads = reads;
        this.writes = writes;
    }

    CompletionStage<CommandOutcome.Accepted> update(UpdateMeshRequest request, Call call) {
        MeshId mesh = Names.mesh("name", request.getName());
        FieldMask mask = mask(request.getUpdateMaskList());
        MeshSpec asked = request.getSpec();
        CommandRequest whole = writes.request(mesh, new MeshCommand.UpdateMesh(asked), request.getOptions(), call);
        return mask.getPathsCount() == 0
                ? writes.accept(whole, call)
                : attempt(whole, asked, mask, 1, call).thenApply(Writes::accepted);
    }

    private CompletionStage<CommandOutcome> attempt(
            CommandRequest request, MeshSpec asked, FieldMask mask, int attempt, Call call) {
        return reads.active(request.mesh(), Optional.empty(), call).thenCompose(state -> {
            Optional<AppliedCommands.Applied> earlier = state.applied().find(request.commandId());
            if (earlier.isPresent()) {
                return replay(request, asked, mask, earlier.get().position(), call);
            }
            MeshSpec merged = merged(state.spec(), asked, mask);
            CommandRequest conditional = new CommandRequest(
                    request.mesh(),
                    request.commandId(),
                    request.actor(),
                    request.reason(),
                    request.originRegion(),
                    request.expectedPosition().or(() -> Optional.of(state.head().position())),
                    request.validateOnly(),
                    new MeshCommand.UpdateMesh(merged));
            return writes.execute(conditional, call).thenCompose(outcome -> {
                boolean again = request.expectedPosition().isEmpty()
                        && attempt < MAX_TRIES
                        && !call.isOver()
                        && (isOnly(outcome, RejectionCode.STALE_POSITION)
                                || isOnly(outcome, RejectionCode.REQUEST_ID_REUSED));
                return again
                        ? pause(attempt).thenCompose(now -> attempt(request, asked, mask, attempt + 1, call))
                        : CompletableFuture.completedStage(outcome);
            });
        });
    }

    /** Whether the id was used for this very update: the event that it made has the asked fields. */
    private CompletionStage<CommandOutcome> replay(
            CommandRequest request, MeshSpec asked, FieldMask mask, Position applied, Call call) {
        return reads.at(request.mesh(), applied.seq(), call)
                .thenApply(state -> isResult(state, asked, mask)
                        ? new CommandOutcome.Accepted(applied, List.of(), true, false, List.of())
                        : new CommandOutcome.Rejected(List.of(new Violation(
                                RejectionCode.REQUEST_ID_REUSED,
                                "mesh " + request.mesh(),
                                "request_id",
                                "the id " + request.commandId() + " was used for another command, applied at position "
                                        + applied + "; use a new id for a new command"))));
    }

    private static boolean isResult(MeshState state, MeshSpec asked, FieldMask mask) {
        return state.meshModifiedSeq() == state.head().position().seq()
                && merged(state.spec(), asked, mask).equals(state.spec());
    }

    private static MeshSpec merged(MeshSpec current, MeshSpec asked, FieldMask mask) {
        MeshSpec.Builder merged = current.toBuilder();
        FieldMaskUtil.merge(mask, asked, merged, REPLACE);
        return merged.build();
    }

    private static boolean isOnly(CommandOutcome outcome, RejectionCode code) {
        return outcome instanceof CommandOutcome.Rejected(var violations)
                && violations.stream().allMatch(violation -> violation.code() == code);
    }

    private static CompletionStage<Void> pause(int attempt) {
        return CompletableFuture.runAsync(
                () -> {}, CompletableFuture.delayedExecutor(PAUSE.toMillis() * attempt, TimeUnit.MILLISECONDS));
    }

    /** Empty for all fields. */
    private static FieldMask mask(List<String> paths) {
        if (paths.contains(ALL)) {
            return FieldMask.getDefaultInstance();
        }
        List<Violation> unknown = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            if (!isField(MeshSpec.getDescriptor(), paths.get(i))) {
                unknown.add(new Violation(
                        RejectionCode.UNKNOWN_FIELD,
                        "",
                        "update_mask[" + i + "]",
                        "\"" + paths.get(i) + "\" is not a field of MeshSpec; the fields are "
                                + String.join(
                                        ", ",
                                        MeshSpec.getDescriptor().getFields().stream()
                                                .map(FieldDescriptor::getName)
                                                .toList())));
            }
        }
        if (!unknown.isEmpty()) {
            throw Errors.rejected(unknown);
        }
        return FieldMask.newBuilder().addAllPaths(paths).build();
    }

    private static boolean isField(Descriptor message, String path) {
        int dot = path.indexOf('.');
        FieldDescriptor field = message.findFieldByName(dot < 0 ? path : path.substring(0, dot));
        if (field == null || dot < 0) {
            return field != null;
        }
        return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                && !field.isRepeated()
                && isField(field.getMessageType(), path.substring(dot + 1));
    }
}
