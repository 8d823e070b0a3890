package io.meridian.core.admin;

import io.meridian.core.PeerRegions;
import io.meridian.core.rpc.Errors;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** All regions, this one included, by what it knows of them. */
final class KnownRegions {
    private final RegionId local;
    private final PeerRegions peers;

    KnownRegions(RegionId local, PeerRegions peers) {
        this.local = local;
        this.peers = peers;
    }

    /** Refuses a name that no region has. */
    void require(String field, String name) {
        if (name.isEmpty()) {
            throw Errors.invalid(field, "is required; the regions are " + names());
        }
        if (!name.equals(local.name()) && peers.byName(name).isEmpty()) {
            throw Errors.invalid(field, "there is no region \"" + name + "\"; the regions are " + names());
        }
    }

    private String names() {
        TreeSet<String> names = new TreeSet<>();
        names.add(local.name());
        peers.peers().forEach(peer -> names.add(peer.id().name()));
        return String.join(", ", names);
    }

    /**
     * @param state this region's, of the mesh
     * @param unanswered regions that were asked something just now and did not answer, though they may have said something a moment before
     */
    List<RegionView> of(MeshState state, Collection<String> unanswered) {
        List<RegionView> views = new ArrayList<>();
        views.add(new RegionView(
                local.name(),
                true,
                Duration.ZERO,
                state.head().isEmpty()
                        ? Optional.empty()
                        : Optional.of(state.head().position()),
                false));
        for (PeerRegions.Peer peer : peers.peers()) {
            views.add(new RegionView(
                    peer.id().name(),
                    peer.reachable() && !unanswered.contains(peer.id().name()),
                    peer.silentFor(),
                    peer.lastKnownHead(state.id()).map(Head::position),
                    peer.witness()));
        }
        return views;
    }
}
