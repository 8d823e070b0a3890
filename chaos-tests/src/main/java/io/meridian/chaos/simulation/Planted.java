package io.meridian.chaos.simulation;

import io.meridian.api.events.v1.EventHeader;
import io.meridian.core.protocol.Output;
import io.meridian.core.protocol.PeerView;
import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.mesh.AppliedCommands;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.Membership;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.persistence.LogState;
import io.meridian.persistence.ManifestEvent;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.pcollections.TreePMap;

/** What the mutants do that are more than a condition at one place. */
final class Planted {
    private Planted() {}

    static List<ManifestEvent> manifest(World world, List<ManifestEvent> events) {
        return world.has(Mutant.PROMISE_NOT_PERSISTED)
                ? events.stream()
                        .filter(event -> !(event instanceof ManifestEvent.Promised))
                        .toList()
                : world.has(Mutant.TAIL_OVERWRITTEN)
                        ? events.stream()
                                .filter(event -> !(event instanceof ManifestEvent.TailLeft))
                                .toList()
                        : events;
    }

    /** Without the heads of others in the region's own epochs. */
    static List<PeerView> views(World world, Region region) {
        List<PeerView> views = region.views();
        return world.has(Mutant.LOST_TAIL_NOT_ASKED_FOR)
                ? views.stream()
                        .map(peer -> new PeerView(
                                peer.id(),
                                peer.witness(),
                                peer.reachable(),
                                peer.heard(),
                                peer.head()
                                        .filter(head -> head.position().epoch().regionIndex() != region.id.index()),
                                peer.promised(),
                                peer.reserve()))
                        .toList()
                : views;
    }

    static List<EventEnvelope> relayed(World world, List<EventEnvelope> envelopes) {
        return world.has(Mutant.RESERIALISED)
                ? envelopes.stream()
                        .map(envelope -> envelope.header().getReason().isEmpty()
                                ? envelope
                                : EventEnvelope.seal(
                                        EventHeader.newBuilder(envelope.header())
                                                .clearReason()
                                                .build(),
                                        envelope.payload()))
                        .toList()
                : envelopes;
    }

    static LogState opened(World world, Region region, LogState state) {
        if (state.head().isEmpty() || !state.isReadable()) {
            return state;
        }
        return world.has(Mutant.COMMAND_IDS_NOT_REPLICATED)
                ? LogState.of(changed(state.state(), AppliedCommands.empty(), false))
                : world.has(Mutant.STATE_UNCHECKED)
                        ? LogState.of(changed(state.state(), state.state().applied(), true))
                        : state;
    }

    private static MeshState changed(MeshState state, AppliedCommands applied, boolean stale) {
        return new MeshState(
                state.id(),
                state.head(),
                state.life(),
                state.uid(),
                state.spec(),
                state.created(),
                state.homeRegion(),
                state.sealed(),
                state.meshModifiedSeq(),
                state.clusters(),
                stale ? TreePMap.empty() : state.namespaces(),
                state.ingressGateways(),
                state.resources(),
                applied,
                state.lineage().equals(Lineage.EMPTY) ? Lineage.EMPTY : state.lineage(),
                state.handover(),
                state.successor(),
                state.branches(),
                state.membership());
    }

    /** A change of members that nobody waits with. */
    static CommandRequest hurried(World world, CommandRequest request) {
        if (!world.has(Mutant.MEMBERS_CHANGED_TOO_SOON)) {
            return request;
        }
        return switch (request.command()) {
            case MeshCommand.JoinRegion join -> request.with(new MeshCommand.JoinRegion(join.region(), true));
            case MeshCommand.LeaveRegion leave -> request.with(new MeshCommand.LeaveRegion(leave.region(), true));
            default -> request;
        };
    }

    /** A place outside the members by the region's log; empty if there is none. */
    static OptionalInt stranger(World world, MeshProcess candidate) {
        Optional<Membership> named = candidate.state().durable().state().membership();
        return IntStream.range(0, world.members())
                .filter(place -> named.map(membership -> !membership.contains(world.member(place).id))
                        .orElse(world.member(place).isInReserve()))
                .findFirst();
    }

    /** The source takes the replica's head for its own event at that seq. */
    static Head unchecked(Region source, Head opened) {
        long seq = opened.position().seq();
        return source.disk.read(seq - 1, 1).stream()
                .filter(envelope -> envelope.seq() == seq)
                .map(EventEnvelope::head)
                .findFirst()
                .orElse(opened);
    }

    /** The replica stores what stands behind a gap, before anybody can object. */
    static void received(Region region, List<EventEnvelope> envelopes) {
        if (!region.world.has(Mutant.GAP_ACCEPTED)) {
            return;
        }
        EventEnvelope first = envelopes.getFirst();
        if (first.seq() > region.disk.head().position().seq() + 1) {
            region.store(new Disk.Stored.InSegment(first.epoch(), List.of(first)));
        }
    }

    /** The replica stores what the protocol refused since it continues something else. */
    static void refused(World world, Region region, Output.Appended appended, List<EventEnvelope> envelopes) {
        if (!world.has(Mutant.PREV_HASH_UNCHECKED) || !(appended.stopped() instanceof Acceptance.Conflict)) {
            return;
        }
        envelopes.stream()
                .filter(envelope ->
                        envelope.seq() > region.disk.head().position().seq())
                .findFirst()
                .ifPresent(envelope -> region.store(new Disk.Stored.InSegment(envelope.epoch(), List.of(envelope))));
    }
}
