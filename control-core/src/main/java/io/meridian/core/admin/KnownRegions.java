package io.meridian.core.admin;

import io.meridian.core.PeerRegions;
import io.meridian.core.rpc.Errors;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.Member;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** All regions, this one included, by what it knows of them. */
final class KnownRegions {
    private final LocalRegion here;
    private final RegionId local;
    private final PeerRegions peers;

    KnownRegions(LocalRegion here, PeerRegions peers) {
        this.here = here;
        this.local = here.id();
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

    /** The members of the mesh: by its log, or the configured regions while that names none. By index. */
    List<Member> members(MeshState state) {
        if (state.membership().isPresent()) {
            return state.membership().get().members();
        }
        List<Member> members = new ArrayList<>();
        if (!here.reserve()) {
            members.add(here.member());
        }
        peers.peers().stream()
                .filter(peer -> !peer.reserve())
                .map(peer -> new Member(peer.id(), peer.witness()))
                .forEach(members::add);
        members.sort(Comparator.comparingInt(member -> member.region().index()));
        return members;
    }

    boolean isMember(MeshState state, RegionId region) {
        return members(state).stream().anyMatch(member -> member.region().equals(region));
    }

    /** The configured region of that name as the member that it would be. */
    Optional<Member> member(String name) {
        return name.equals(local.name())
                ? Optional.of(here.member())
                : peers.byName(name).map(peer -> new Member(peer.id(), peer.witness()));
    }

    /**
     * All regions that are configured here, and the members that are not.
     *
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
                here.witness(),
                isMember(state, local),
                false));
        for (PeerRegions.Peer peer : peers.peers()) {
            Optional<Position> head = peer.lastKnownHead(state.id()).map(Head::position);
            views.add(new RegionView(
                    peer.id().name(),
                    peer.reachable() && !unanswered.contains(peer.id().name()),
                    peer.silentFor(),
                    head,
                    peer.witness(),
                    isMember(state, peer.id()),
                    !peer.witness()
                            && head.filter(position -> isLeft(state, position)).isPresent()));
        }
        for (Member member : members(state)) {
            if (!member.region().equals(local)
                    && peers.peers().stream().noneMatch(peer -> peer.id().equals(member.region()))) {
                views.add(new RegionView(
                        member.region().name(), false, Duration.ZERO, Optional.empty(), member.witness()));
            }
        }
        return views;
    }

    /** Of an epoch before this region's, and not on its branch. */
    private static boolean isLeft(MeshState state, Position position) {
        return position.epoch().compareTo(state.head().position().epoch()) < 0
                && !state.lineage().holds(position, state.head().position());
    }
}
