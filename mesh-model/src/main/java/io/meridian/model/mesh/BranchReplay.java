package io.meridian.model.mesh;

import io.meridian.model.mesh.MeshCommand.Origin;
import java.util.List;
import java.util.Optional;

/**
 * The command that wrote a divergent branch's events, as far as the events tell: a change set asks for what it wrote, and no longer for
 * what was so already; a rollback asks for the objects that it restored. Pure.
 */
final class BranchReplay {
    private BranchReplay() {}

    /** Empty if no one command writes {@code events}; events of the log's own are passed over. */
    static Optional<MeshCommand> command(List<MeshEvent> events) {
        List<MeshEvent> own =
                events.stream().filter(event -> !isTechnical(event)).toList();
        if (own.isEmpty()) {
            return Optional.empty();
        }
        if (own.getFirst() instanceof MeshEvent.MeshCreated(var uid, var spec)) {
            return Optional.of(new MeshCommand.CreateMesh(spec));
        }
        // What a removal takes along stands before it.
        return switch (own.getLast()) {
            case MeshEvent.ClusterRemoved(var name) -> Optional.of(new MeshCommand.RemoveCluster(name));
            case MeshEvent.NamespaceDeleted(var name) -> Optional.of(new MeshCommand.DeleteNamespace(name));
            case MeshEvent event when own.size() == 1 -> single(event);
            default -> Optional.empty();
        };
    }

    private static Optional<MeshCommand> single(MeshEvent event) {
        return switch (event) {
            case MeshEvent.MeshUpdated(var spec) -> Optional.of(new MeshCommand.UpdateMesh(spec));
            case MeshEvent.MeshUpgraded(var from, var to) -> Optional.of(new MeshCommand.UpgradeMesh(to));
            case MeshEvent.MeshDeleted() -> Optional.of(new MeshCommand.DeleteMesh());
            case MeshEvent.ClusterAdded(var name, var spec) -> Optional.of(new MeshCommand.AddCluster(name, spec));
            case MeshEvent.ClusterUpdated(var name, var spec) -> Optional.of(new MeshCommand.UpdateCluster(name, spec));
            case MeshEvent.ClusterRemoved(var name) -> Optional.of(new MeshCommand.RemoveCluster(name));
            case MeshEvent.NamespaceCreated(var name, var spec) ->
                Optional.of(new MeshCommand.CreateNamespace(name, spec));
            case MeshEvent.NamespaceUpdated(var name, var spec) ->
                Optional.of(new MeshCommand.UpdateNamespace(name, spec));
            case MeshEvent.NamespaceDeleted(var name) -> Optional.of(new MeshCommand.DeleteNamespace(name));
            case MeshEvent.IngressGatewayDeployed(var name, var spec) ->
                Optional.of(new MeshCommand.DeployIngressGateway(name, spec));
            case MeshEvent.IngressGatewayUpdated(var name, var spec) ->
                Optional.of(new MeshCommand.UpdateIngressGateway(name, spec));
            case MeshEvent.IngressGatewayUninstalled(var name, var with) ->
                Optional.of(new MeshCommand.UninstallIngressGateway(name));
            case MeshEvent.ResourcesApplied(var changes, var rolledBackTo) ->
                Optional.of(new MeshCommand.ApplyResources(
                        changes.stream().map(BranchReplay::intent).toList()));
            // The rest of the creation of a mesh, or not a command's at all.
            case MeshEvent.MeshCreated created -> Optional.empty();
            case MeshEvent.SegmentOpened opened -> Optional.empty();
            case MeshEvent.SegmentSealed sealed -> Optional.empty();
            case MeshEvent.HandoverStarted started -> Optional.empty();
            case MeshEvent.HandoverAborted aborted -> Optional.empty();
            case MeshEvent.DivergentBranchDetected detected -> Optional.empty();
            case MeshEvent.BranchDiscarded discarded -> Optional.empty();
            case MeshEvent.RegionJoined joined -> Optional.empty();
            case MeshEvent.RegionLeft left -> Optional.empty();
        };
    }

    private static MeshCommand.ResourceIntent intent(MeshEvent.ResourceChange change) {
        return switch (change) {
            case MeshEvent.ResourcePut put ->
                new MeshCommand.Put(
                        put.key(),
                        Origin.UNKNOWN,
                        put.apiVersion(),
                        put.labels(),
                        put.annotations(),
                        put.spec(),
                        Optional.empty());
            case MeshEvent.ResourceDeleted deleted ->
                new MeshCommand.Delete(deleted.key(), Origin.UNKNOWN, Optional.empty());
        };
    }

    /** Nothing that anybody asked of the mesh: the log's own, or the note that a re-application found everything as it would be. */
    static boolean isTechnical(MeshEvent event) {
        return switch (event) {
            case MeshEvent.SegmentOpened opened -> true;
            case MeshEvent.SegmentSealed sealed -> true;
            case MeshEvent.HandoverStarted started -> true;
            case MeshEvent.HandoverAborted aborted -> true;
            case MeshEvent.DivergentBranchDetected detected -> true;
            case MeshEvent.BranchDiscarded discarded -> true;
            // Whether it is still wanted is for operators to say anew: the members of then are not those of now.
            case MeshEvent.RegionJoined joined -> true;
            case MeshEvent.RegionLeft left -> true;
            case MeshEvent.ResourcesApplied(var changes, var rolledBackTo) -> changes.isEmpty();
            case MeshEvent.MeshCreated created -> false;
            case MeshEvent.MeshUpdated updated -> false;
            case MeshEvent.MeshUpgraded upgraded -> false;
            case MeshEvent.MeshDeleted deleted -> false;
            case MeshEvent.ClusterAdded added -> false;
            case MeshEvent.ClusterUpdated updated -> false;
            case MeshEvent.ClusterRemoved removed -> false;
            case MeshEvent.NamespaceCreated created -> false;
            case MeshEvent.NamespaceUpdated updated -> false;
            case MeshEvent.NamespaceDeleted deleted -> false;
            case MeshEvent.IngressGatewayDeployed deployed -> false;
            case MeshEvent.IngressGatewayUpdated updated -> false;
            case MeshEvent.IngressGatewayUninstalled uninstalled -> false;
        };
    }
}
