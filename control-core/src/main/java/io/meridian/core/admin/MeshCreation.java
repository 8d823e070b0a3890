package io.meridian.core.admin;

import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.core.PeerRegions;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;

/** Creates a mesh in the region that is to be its home. */
final class MeshCreation {
    private final RegionId region;
    private final Reads reads;
    private final Writes writes;
    private final PeerRegions peers;

    MeshCreation(RegionId region, Reads reads, Writes writes, PeerRegions peers) {
        this.region = region;
        this.reads = reads;
        this.writes = writes;
        this.peers = peers;
    }

    CompletionStage<CommandOutcome.Accepted> create(CreateMeshRequest request, Call call) {
        MeshId mesh = Names.meshId("mesh_id", request.getMeshId());
        CommandRequest command =
                writes.request(mesh, new MeshCommand.CreateMesh(request.getSpec()), request.getOptions(), call);
        String home = request.getHomeRegion();
        Optional<PeerRegions.Peer> peer = home.isEmpty() || home.equals(region.name())
                ? Optional.empty()
                : Optional.of(peers.byName(home).orElseThrow(() -> unknownRegion(home)));
        return reads.any(mesh, Optional.empty(), call).thenCompose(state -> {
            if (state.head().isEmpty()) {
                return peer.isPresent() ? thereOnly(peer.get(), command, call) : writes.accept(command, call);
            }
            requireHome(state, home);
            return writes.accept(command, call);
        });
    }

    private static CompletionStage<CommandOutcome.Accepted> thereOnly(
            PeerRegions.Peer peer, CommandRequest command, Call call) {
        return Writes.settled(command, peer.execute(command, Epoch.NONE, call.remaining()), call)
                .thenApply(Writes::accepted);
    }

    /** The log of a name goes on over deletion, and so does its home. A mesh that is there says so itself. */
    private static void requireHome(MeshState state, String home) {
        if (!state.isActive() && !home.isEmpty() && !home.equals(state.homeRegion())) {
            throw Errors.failedPrecondition(
                    "HOME_IS_ELSEWHERE",
                    "mesh " + state.id(),
                    "the log of mesh " + state.id() + " has its home in region " + state.homeRegion()
                            + " from its earlier life; create it with that home_region, or leave the field empty");
        }
    }

    private RuntimeException unknownRegion(String name) {
        TreeSet<String> known = new TreeSet<>();
        known.add(region.name());
        peers.peers().forEach(peer -> known.add(peer.id().name()));
        return Errors.notFound(
                RejectionCode.REGION_NOT_FOUND,
                "Region",
                name,
                "home_region: there is no region \"" + name + "\"; the regions are " + String.join(", ", known));
    }
}
