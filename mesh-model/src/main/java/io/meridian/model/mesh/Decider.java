package io.meridian.model.mesh;

import java.time.Instant;
import java.util.List;

/**
 * {@code decide(state, command) -> events | rejection}: pure and total. The rules of each concern are in a class of its own.
 *
 * <p>Thread-safe as far as its {@link ResourceRules} are.
 */
public final class Decider {
    private final ResourceDecisions resources;
    private final BranchDecisions branches = new BranchDecisions(this);

    public Decider(ResourceRules rules) {
        resources = new ResourceDecisions(rules);
    }

    /** {@code now} becomes the time of creation of what the command creates; nothing is decided by it. */
    public Decision decide(MeshState state, CommandRequest request, Instant now) {
        MeshCommand command = request.command();
        if (!state.isActive() && needsMesh(command)) {
            return new Decision.Rejected(
                    List.of(new Violation(RejectionCode.MESH_NOT_FOUND, "mesh " + state.id(), "", absent(state))));
        }
        return switch (command) {
            case MeshCommand.CreateMesh create -> MeshDecisions.create(state, create, request.commandId());
            case MeshCommand.UpdateMesh update -> MeshDecisions.update(state, update);
            case MeshCommand.UpgradeMesh(var version) -> MeshDecisions.upgrade(state, version);
            case MeshCommand.DeleteMesh() -> MeshDecisions.delete(state);
            case MeshCommand.AddCluster(var name, var spec) -> ClusterDecisions.add(state, name, spec);
            case MeshCommand.UpdateCluster(var name, var spec) -> ClusterDecisions.update(state, name, spec);
            case MeshCommand.RemoveCluster(var name) -> ClusterDecisions.remove(state, name);
            case MeshCommand.CreateNamespace(var name, var spec) -> NamespaceDecisions.create(state, name, spec);
            case MeshCommand.UpdateNamespace(var name, var spec) -> NamespaceDecisions.update(state, name, spec);
            case MeshCommand.DeleteNamespace(var name) -> NamespaceDecisions.delete(state, name);
            case MeshCommand.DeployIngressGateway(var name, var spec) ->
                IngressGatewayDecisions.deploy(state, name, spec);
            case MeshCommand.UpdateIngressGateway(var name, var spec) ->
                IngressGatewayDecisions.update(state, name, spec);
            case MeshCommand.UninstallIngressGateway(var name) -> IngressGatewayDecisions.uninstall(state, name);
            case MeshCommand.ApplyResources(var intents) -> resources.apply(state, intents, request.commandId(), now);
            case MeshCommand.Rollback rollback -> resources.rollback(state, rollback, request.commandId(), now);
            case MeshCommand.ReapplyBranch reapply -> branches.reapply(state, reapply, now);
            case MeshCommand.DiscardBranch discard -> BranchDecisions.discard(state, discard);
            case MeshCommand.JoinRegion join -> MemberDecisions.join(state, join);
            case MeshCommand.LeaveRegion leave -> MemberDecisions.leave(state, leave);
        };
    }

    /** Branches belong to the log; what one holds may be the creation of the mesh. */
    private static boolean needsMesh(MeshCommand command) {
        return !(command instanceof MeshCommand.CreateMesh
                || command instanceof MeshCommand.ReapplyBranch
                || command instanceof MeshCommand.DiscardBranch);
    }

    private static String absent(MeshState state) {
        return switch (state.life()) {
            case ABSENT -> "there is no mesh " + state.id() + "; create it first";
            case DELETED -> "mesh " + state.id() + " was deleted; create it again first (its history stays readable)";
            case ACTIVE -> throw new IllegalStateException("mesh " + state.id() + " is there");
        };
    }
}
