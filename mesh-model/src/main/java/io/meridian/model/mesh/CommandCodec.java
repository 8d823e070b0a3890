package io.meridian.model.mesh;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.commands.v1.CommandResponse;
import io.meridian.api.commands.v1.MeshCommand.CommandCase;
import io.meridian.api.events.v1.Envelope;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.mesh.MeshCommand.Delete;
import io.meridian.model.mesh.MeshCommand.Origin;
import io.meridian.model.mesh.MeshCommand.Put;
import io.meridian.model.mesh.MeshCommand.ResourceIntent;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.resource.ResourceKey;
import java.time.Duration;
import java.util.Optional;

/** {@link CommandRequest} and {@link CommandOutcome} to and from {@code meridian.commands.v1}. Pure and stateless. */
public final class CommandCodec {
    private static final int FINGERPRINT_BYTES = 8;

    private CommandCodec() {}

    /**
     * What tells two commands apart that came under one id: the first 8 bytes of a SHA-256 over what the client asked for. Where in a
     * file it stood, and what the sender of a rollback or of a re-application read from the log, don't count: a retry may come by another way.
     */
    public static ByteString fingerprint(MeshCommand command) {
        io.meridian.api.commands.v1.MeshCommand.Builder proto = toProto(command).toBuilder();
        if (proto.hasApplyResources()) {
            proto.getApplyResourcesBuilder()
                    .getIntentsBuilderList()
                    .forEach(intent -> intent.clearSource().clearLine());
        }
        if (proto.hasRollback()) {
            proto.getRollbackBuilder().clearTarget();
        }
        if (proto.hasReapplyBranch()) {
            proto.getReapplyBranchBuilder().clearEnvelopes();
        }
        return Hash.of(DeterministicBytes.of(proto.build())).bytes().substring(0, FINGERPRINT_BYTES);
    }

    public static io.meridian.api.commands.v1.CommandRequest toProto(CommandRequest request) {
        var proto = io.meridian.api.commands.v1.CommandRequest.newBuilder()
                .setMesh(request.mesh().value())
                .setCommandId(request.commandId())
                .setActor(request.actor())
                .setReason(request.reason())
                .setOriginRegion(request.originRegion())
                .setValidateOnly(request.validateOnly())
                .setCommand(toProto(request.command()));
        request.expectedPosition().ifPresent(position -> proto.setExpectedPosition(position.toProto()));
        return proto.build();
    }

    /** Throws IllegalArgumentException if it names no valid mesh or no command that this version knows. */
    public static CommandRequest toRequest(io.meridian.api.commands.v1.CommandRequest proto) {
        return new CommandRequest(
                new MeshId(proto.getMesh()),
                proto.getCommandId(),
                proto.getActor(),
                proto.getReason(),
                proto.getOriginRegion(),
                proto.hasExpectedPosition() ? Optional.of(Position.of(proto.getExpectedPosition())) : Optional.empty(),
                proto.getValidateOnly(),
                toCommand(proto.getCommand()));
    }

    public static CommandResponse toProto(CommandOutcome outcome) {
        CommandResponse.Builder proto = CommandResponse.newBuilder();
        switch (outcome) {
            case CommandOutcome.Accepted accepted -> {
                var builder = CommandResponse.Accepted.newBuilder()
                        .setPosition(accepted.position().toProto())
                        .addAllFindings(accepted.findings())
                        .setReplayed(accepted.replayed())
                        .setUnchanged(accepted.unchanged());
                accepted.changes().forEach(change -> builder.addChanges(ResourceCodec.toProto(change)));
                proto.setAccepted(builder);
            }
            case CommandOutcome.Rejected rejected -> {
                var builder = CommandResponse.Rejected.newBuilder();
                rejected.violations().forEach(violation -> builder.addViolations(toProto(violation)));
                proto.setRejected(builder);
            }
            case CommandOutcome.Unavailable(String message, Duration retryAfter) ->
                proto.setUnavailable(CommandResponse.Unavailable.newBuilder()
                        .setMessage(message)
                        .setRetryAfterMs(retryAfter.toMillis()));
            case CommandOutcome.Unknown(String commandId, String message) ->
                proto.setUnknown(CommandResponse.Unknown.newBuilder()
                        .setCommandId(commandId)
                        .setMessage(message));
        }
        return proto.build();
    }

    /** Throws IllegalArgumentException if it says none of the outcomes, or refuses with a code that this version does not know. */
    public static CommandOutcome toOutcome(CommandResponse proto) {
        return switch (proto.getOutcomeCase()) {
            case ACCEPTED -> {
                var accepted = proto.getAccepted();
                yield new CommandOutcome.Accepted(
                        Position.of(accepted.getPosition()),
                        accepted.getFindingsList(),
                        accepted.getReplayed(),
                        accepted.getUnchanged(),
                        accepted.getChangesList().stream()
                                .map(ResourceCodec::toChange)
                                .toList());
            }
            case REJECTED ->
                new CommandOutcome.Rejected(proto.getRejected().getViolationsList().stream()
                        .map(CommandCodec::toViolation)
                        .toList());
            case UNAVAILABLE ->
                new CommandOutcome.Unavailable(
                        proto.getUnavailable().getMessage(),
                        Duration.ofMillis(proto.getUnavailable().getRetryAfterMs()));
            case UNKNOWN ->
                new CommandOutcome.Unknown(
                        proto.getUnknown().getCommandId(), proto.getUnknown().getMessage());
            case OUTCOME_NOT_SET -> throw new IllegalArgumentException("a command's response without an outcome");
        };
    }

    private static CommandResponse.Violation toProto(Violation violation) {
        return CommandResponse.Violation.newBuilder()
                .setCode(violation.code().name())
                .setObject(violation.object())
                .setField(violation.field())
                .setMessage(violation.message())
                .setSource(violation.origin().source())
                .setLine(violation.origin().line())
                .build();
    }

    private static Violation toViolation(CommandResponse.Violation proto) {
        return new Violation(
                RejectionCode.valueOf(proto.getCode()),
                proto.getObject(),
                proto.getField(),
                proto.getMessage(),
                new Origin(proto.getSource(), proto.getLine()));
    }

    private static io.meridian.api.commands.v1.MeshCommand toProto(MeshCommand command) {
        var proto = io.meridian.api.commands.v1.MeshCommand.newBuilder();
        switch (command) {
            case MeshCommand.CreateMesh(var spec, var configured) ->
                proto.getCreateMeshBuilder().setSpec(spec);
            case MeshCommand.UpdateMesh(var spec, var fields, var configured) ->
                proto.getUpdateMeshBuilder().setSpec(spec).addAllFields(fields);
            case MeshCommand.UpgradeMesh(var version) ->
                proto.getUpgradeMeshBuilder().setVersion(version);
            case MeshCommand.DeleteMesh() -> proto.getDeleteMeshBuilder();
            case MeshCommand.AddCluster(var name, var spec) ->
                proto.getAddClusterBuilder().setName(name).setSpec(spec);
            case MeshCommand.UpdateCluster(var name, var spec) ->
                proto.getUpdateClusterBuilder().setName(name).setSpec(spec);
            case MeshCommand.RemoveCluster(var name) ->
                proto.getRemoveClusterBuilder().setName(name);
            case MeshCommand.CreateNamespace(var name, var spec) ->
                proto.getCreateNamespaceBuilder().setName(name).setSpec(spec);
            case MeshCommand.UpdateNamespace(var name, var spec) ->
                proto.getUpdateNamespaceBuilder().setName(name).setSpec(spec);
            case MeshCommand.DeleteNamespace(var name) ->
                proto.getDeleteNamespaceBuilder().setName(name);
            case MeshCommand.DeployIngressGateway(var name, var spec) ->
                proto.getDeployIngressGatewayBuilder().setName(name).setSpec(spec);
            case MeshCommand.UpdateIngressGateway(var name, var spec) ->
                proto.getUpdateIngressGatewayBuilder().setName(name).setSpec(spec);
            case MeshCommand.UninstallIngressGateway(var name) ->
                proto.getUninstallIngressGatewayBuilder().setName(name);
            case MeshCommand.ApplyResources(var intents) -> {
                var builder = proto.getApplyResourcesBuilder();
                intents.forEach(intent -> builder.addIntents(toProto(intent)));
            }
            case MeshCommand.Rollback rollback -> {
                var builder = proto.getRollbackBuilder().setTo(rollback.to().toProto());
                rollback.target().forEach(resource -> builder.addTarget(ResourceCodec.toEntry(resource)));
                rollback.namespace().ifPresent(builder::setNamespace);
                rollback.key().ifPresent(key -> builder.setKey(key.toProto()));
            }
            case MeshCommand.ReapplyBranch reapply -> {
                var builder = proto.getReapplyBranchBuilder()
                        .setBranch(reapply.branch())
                        .setEntry(reapply.entry().toProto())
                        .setForce(reapply.force());
                reapply.envelopes().forEach(envelope -> builder.addEnvelopes(envelope.toProto()));
            }
            case MeshCommand.JoinRegion(var region, var withoutMajority, var now) ->
                proto.getJoinRegionBuilder().setRegion(region).setWithoutMajority(withoutMajority);
            case MeshCommand.LeaveRegion(var region, var withoutMajority, var now) ->
                proto.getLeaveRegionBuilder().setRegion(region).setWithoutMajority(withoutMajority);
            case MeshCommand.DiscardBranch(var branch, var entries) -> {
                var builder = proto.getDiscardBranchBuilder().setBranch(branch);
                entries.forEach(entry -> builder.addEntries(entry.toProto()));
            }
        }
        return proto.build();
    }

    private static MeshCommand toCommand(io.meridian.api.commands.v1.MeshCommand proto) {
        CommandCase which = proto.getCommandCase();
        return switch (which) {
            case CREATE_MESH -> new MeshCommand.CreateMesh(proto.getCreateMesh().getSpec());
            case UPDATE_MESH ->
                new MeshCommand.UpdateMesh(
                        proto.getUpdateMesh().getSpec(), proto.getUpdateMesh().getFieldsList());
            case UPGRADE_MESH ->
                new MeshCommand.UpgradeMesh(proto.getUpgradeMesh().getVersion());
            case DELETE_MESH -> new MeshCommand.DeleteMesh();
            case ADD_CLUSTER ->
                new MeshCommand.AddCluster(
                        proto.getAddCluster().getName(), proto.getAddCluster().getSpec());
            case UPDATE_CLUSTER ->
                new MeshCommand.UpdateCluster(
                        proto.getUpdateCluster().getName(),
                        proto.getUpdateCluster().getSpec());
            case REMOVE_CLUSTER ->
                new MeshCommand.RemoveCluster(proto.getRemoveCluster().getName());
            case CREATE_NAMESPACE ->
                new MeshCommand.CreateNamespace(
                        proto.getCreateNamespace().getName(),
                        proto.getCreateNamespace().getSpec());
            case UPDATE_NAMESPACE ->
                new MeshCommand.UpdateNamespace(
                        proto.getUpdateNamespace().getName(),
                        proto.getUpdateNamespace().getSpec());
            case DELETE_NAMESPACE ->
                new MeshCommand.DeleteNamespace(proto.getDeleteNamespace().getName());
            case DEPLOY_INGRESS_GATEWAY ->
                new MeshCommand.DeployIngressGateway(
                        proto.getDeployIngressGateway().getName(),
                        proto.getDeployIngressGateway().getSpec());
            case UPDATE_INGRESS_GATEWAY ->
                new MeshCommand.UpdateIngressGateway(
                        proto.getUpdateIngressGateway().getName(),
                        proto.getUpdateIngressGateway().getSpec());
            case UNINSTALL_INGRESS_GATEWAY ->
                new MeshCommand.UninstallIngressGateway(
                        proto.getUninstallIngressGateway().getName());
            case APPLY_RESOURCES ->
                new MeshCommand.ApplyResources(proto.getApplyResources().getIntentsList().stream()
                        .map(CommandCodec::toIntent)
                        .toList());
            case ROLLBACK -> {
                var rollback = proto.getRollback();
                yield new MeshCommand.Rollback(
                        Position.of(rollback.getTo()),
                        rollback.getTargetList().stream()
                                .map(ResourceCodec::toResource)
                                .toList(),
                        present(rollback.getNamespace()),
                        rollback.hasKey() ? Optional.of(ResourceKey.of(rollback.getKey())) : Optional.empty());
            }
            case REAPPLY_BRANCH -> {
                var reapply = proto.getReapplyBranch();
                yield new MeshCommand.ReapplyBranch(
                        reapply.getBranch(),
                        Position.of(reapply.getEntry()),
                        reapply.getEnvelopesList().stream()
                                .map(CommandCodec::toEnvelope)
                                .toList(),
                        reapply.getForce());
            }
            case DISCARD_BRANCH ->
                new MeshCommand.DiscardBranch(
                        proto.getDiscardBranch().getBranch(),
                        proto.getDiscardBranch().getEntriesList().stream()
                                .map(Position::of)
                                .toList());
            case JOIN_REGION ->
                new MeshCommand.JoinRegion(
                        proto.getJoinRegion().getRegion(), proto.getJoinRegion().getWithoutMajority());
            case LEAVE_REGION ->
                new MeshCommand.LeaveRegion(
                        proto.getLeaveRegion().getRegion(),
                        proto.getLeaveRegion().getWithoutMajority());
            case COMMAND_NOT_SET ->
                throw new IllegalArgumentException("a command that this version does not know, or none");
        };
    }

    private static EventEnvelope toEnvelope(Envelope proto) {
        try {
            return EventEnvelope.of(proto);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("malformed envelope: " + e.getMessage(), e);
        }
    }

    private static io.meridian.api.commands.v1.ResourceIntent toProto(ResourceIntent intent) {
        var proto = io.meridian.api.commands.v1.ResourceIntent.newBuilder()
                .setKey(intent.key().toProto())
                .setSource(intent.origin().source())
                .setLine(intent.origin().line());
        switch (intent) {
            case Put put -> {
                proto.getPutBuilder()
                        .setApiVersion(put.apiVersion())
                        .putAllLabels(put.labels())
                        .putAllAnnotations(put.annotations())
                        .setSpec(put.spec())
                        .setResourceVersion(put.resourceVersion().orElse(""));
            }
            case Delete delete ->
                proto.getDeleteBuilder()
                        .setResourceVersion(delete.resourceVersion().orElse(""));
        }
        return proto.build();
    }

    private static ResourceIntent toIntent(io.meridian.api.commands.v1.ResourceIntent proto) {
        ResourceKey key = ResourceKey.of(proto.getKey());
        Origin origin = new Origin(proto.getSource(), proto.getLine());
        return switch (proto.getIntentCase()) {
            case PUT -> {
                var put = proto.getPut();
                yield new Put(
                        key,
                        origin,
                        put.getApiVersion(),
                        put.getLabelsMap(),
                        put.getAnnotationsMap(),
                        put.getSpec(),
                        present(put.getResourceVersion()));
            }
            case DELETE -> new Delete(key, origin, present(proto.getDelete().getResourceVersion()));
            case INTENT_NOT_SET -> throw new IllegalArgumentException("the intent for " + key + " is empty");
        };
    }

    private static Optional<String> present(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(value);
    }
}
