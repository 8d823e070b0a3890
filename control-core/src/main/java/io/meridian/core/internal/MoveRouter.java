package io.meridian.core.internal;

import io.meridian.api.replication.v1.FailoverRequest;
import io.meridian.api.replication.v1.FailoverResponse;
import io.meridian.api.replication.v1.HandoverRequest;
import io.meridian.api.replication.v1.HandoverResponse;
import io.meridian.api.replication.v1.Refused;
import io.meridian.core.HomeMoves;
import io.meridian.core.PeerRegions;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Takes a request to move a home to the region that has to carry it out. */
final class MoveRouter implements HomeMoves {
    private final RegionId self;
    private final Entities entities;
    private final HeadBoard heads;
    private final PeerRegions peers;

    MoveRouter(RegionId self, Entities entities, HeadBoard heads, PeerRegions peers) {
        this.self = self;
        this.entities = entities;
        this.heads = heads;
        this.peers = peers;
    }

    @Override
    public CompletionStage<HandoverResponse> handover(
            HandoverRequest request, Duration timeout, Consumer<String> steps) {
        MeshId mesh = new MeshId(request.getMesh());
        Epoch epoch = epoch(mesh);
        if (epoch.isNone()) {
            return refusedHandover(Refused.Code.MESH_NOT_FOUND, "no region that was heard knows a mesh " + mesh);
        }
        if (epoch.regionIndex() == self.index()) {
            return entities.call(mesh, timeout, request, steps).thenApply(EntityCalls::handover);
        }
        Optional<PeerRegions.Peer> home = peers.byIndex(epoch.regionIndex());
        if (home.isEmpty() || !home.get().reachable()) {
            return refusedHandover(
                    Refused.Code.REGION_UNREACHABLE,
                    "the home of mesh " + mesh + ", "
                            + home.map(peer -> "region " + peer.id())
                                    .orElse("the region with index " + epoch.regionIndex())
                            + ", cannot be reached from region " + self + "; a handover needs it, a failover does not");
        }
        return home.get().calls().handover(request, timeout, steps);
    }

    @Override
    public CompletionStage<FailoverResponse> failover(
            FailoverRequest request, String toRegion, Duration timeout, Consumer<String> steps) {
        MeshId mesh = new MeshId(request.getMesh());
        if (toRegion.equals(self.name())) {
            return entities.call(mesh, timeout, request, steps).thenApply(FailoverResponse.class::cast);
        }
        Optional<PeerRegions.Peer> target = peers.byName(toRegion);
        if (target.isEmpty()) {
            return refused(
                    Refused.Code.UNKNOWN_REGION,
                    "region " + self + " knows no region " + toRegion + "; it knows " + names());
        }
        if (target.get().witness()) {
            return refused(Refused.Code.WITNESS, "region " + toRegion + " is a witness: it keeps no events");
        }
        if (!target.get().reachable()) {
            return refused(
                    Refused.Code.REGION_UNREACHABLE,
                    "region " + toRegion + " cannot be reached from region " + self + "; speak to it directly");
        }
        return target.get().calls().failover(request, timeout, steps);
    }

    /** The last that anybody told of. */
    private Epoch epoch(MeshId mesh) {
        return Stream.concat(
                        Stream.of(heads.head(mesh)),
                        peers.peers().stream().flatMap(peer -> peer.lastKnownHead(mesh).stream()))
                .filter(head -> !head.isEmpty())
                .map(Head::position)
                .max(java.util.Comparator.naturalOrder())
                .map(io.meridian.model.position.Position::epoch)
                .orElse(Epoch.NONE);
    }

    private String names() {
        return Stream.concat(Stream.of(self), peers.peers().stream().map(PeerRegions.Peer::id))
                .map(RegionId::name)
                .sorted()
                .toList()
                .toString();
    }

    private static CompletionStage<HandoverResponse> refusedHandover(Refused.Code code, String message) {
        return CompletableFuture.completedStage(HandoverResponse.newBuilder()
                .setRefused(Refused.newBuilder().setCode(code).setMessage(message))
                .build());
    }

    private static CompletionStage<FailoverResponse> refused(Refused.Code code, String message) {
        return CompletableFuture.completedStage(FailoverResponse.newBuilder()
                .setRefused(Refused.newBuilder().setCode(code).setMessage(message))
                .build());
    }
}
