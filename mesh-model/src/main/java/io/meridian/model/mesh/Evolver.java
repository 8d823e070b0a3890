package io.meridian.model.mesh;

import io.meridian.api.events.v1.EventHeader;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.MeshEvent.ResourceChange;
import io.meridian.model.mesh.MeshEvent.ResourceDeleted;
import io.meridian.model.mesh.MeshEvent.ResourcePut;
import io.meridian.model.position.Position;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.pcollections.PSortedMap;

/** The one fold: server, gateway, history and tests make states with it. Pure and stateless; total over decoded events. */
public final class Evolver {
    private Evolver() {}

    /**
     * The state after {@code envelope}, which must be the next of its log. The opening of a segment that carries a state may also be
     * folded onto the empty state: the log is readable from there on.
     *
     * @throws UnreadableEventException if this version cannot read it; the fold must stop there
     * @throws IllegalArgumentException if it does not continue {@code state}: the caller's order is broken
     */
    public static MeshState evolve(MeshState state, EventEnvelope envelope) throws UnreadableEventException {
        return evolve(state, envelope, EventCodec.decode(envelope));
    }

    /** As {@link #evolve(MeshState, EventEnvelope)}, for an {@code event} that the caller decoded from {@code envelope} already. */
    public static MeshState evolve(MeshState state, EventEnvelope envelope, MeshEvent event) {
        StateDraft draft = new StateDraft(base(state, envelope, event));
        Instant time = Timestamps.toInstant(envelope.header().getWallTime());
        apply(draft, event, envelope.position(), time);
        draft.head = envelope.head();
        if (isLastOfCommand(envelope.header())) {
            rememberCommand(draft, envelope);
            resolveReapplied(draft, envelope);
        }
        return draft.build();
    }

    private static MeshState base(MeshState state, EventEnvelope envelope, MeshEvent event) {
        boolean startsHere = state.head().isEmpty()
                && event instanceof MeshEvent.SegmentOpened opened
                && opened.state().isPresent();
        MeshState base =
                event instanceof MeshEvent.SegmentOpened opened ? opened.state().orElse(state) : state;
        if (!envelope.mesh().equals(state.id()) || !base.id().equals(state.id())) {
            throw new IllegalArgumentException("event of mesh " + envelope.mesh() + " offered to mesh " + state.id());
        }
        MeshState continued = startsHere ? base : state;
        if (envelope.seq() != continued.head().position().seq() + 1
                || !envelope.prevHash().equals(continued.head().hash())) {
            throw new IllegalArgumentException("event " + envelope.position() + " of mesh " + envelope.mesh()
                    + " does not continue the state at " + continued.head().position());
        }
        return base;
    }

    private static void apply(StateDraft draft, MeshEvent event, Position position, Instant time) {
        long seq = position.seq();
        switch (event) {
            case MeshEvent.SegmentOpened opened -> {
                draft.homeRegion = opened.homeRegion();
                draft.lineage = draft.lineage.plus(position.epoch(), seq - 1);
                draft.sealed = false;
                draft.successor = Optional.empty();
                draft.handover = Optional.empty();
            }
            case MeshEvent.SegmentSealed(var epoch, var region) -> {
                draft.sealed = true;
                draft.successor = Optional.of(new MeshState.Successor(epoch, region));
                draft.handover = Optional.empty();
            }
            case MeshEvent.HandoverStarted(var region) ->
                draft.handover = Optional.of(new MeshState.Handover(region, seq));
            case MeshEvent.HandoverAborted aborted -> draft.handover = Optional.empty();
            case MeshEvent.DivergentBranchDetected detected ->
                draft.branches = draft.branches.plus(detected.branch(), recorded(draft, detected, seq));
            case MeshEvent.BranchDiscarded(var name, var entries) -> {
                DivergentBranch branch = draft.branches.get(name);
                if (branch != null) {
                    draft.branches = draft.branches.plus(
                            name,
                            branch.mapEntries(entry ->
                                    entry.isOpen() && entries.contains(entry.last()) ? entry.discarded() : entry));
                }
            }
            case MeshEvent.RegionJoined(var region, var members, var withoutMajority) ->
                draft.membership = Optional.of(new Membership(
                        position, members, Optional.of(region), Membership.without(former(draft), region.region())));
            case MeshEvent.RegionLeft(var region, var members, var withoutMajority) ->
                draft.membership = Optional.of(
                        new Membership(position, members, Optional.empty(), Membership.with(former(draft), region)));
            case MeshEvent.MeshCreated(var uid, var spec) -> {
                draft.clearLife();
                draft.life = MeshState.Life.ACTIVE;
                draft.uid = uid;
                draft.spec = spec;
                draft.created = time;
                draft.meshModifiedSeq = seq;
            }
            case MeshEvent.MeshUpdated(var spec) -> {
                draft.spec = spec;
                draft.meshModifiedSeq = seq;
            }
            case MeshEvent.MeshUpgraded(var from, var to) -> {
                draft.spec = draft.spec.toBuilder().setVersion(to).build();
                draft.meshModifiedSeq = seq;
            }
            case MeshEvent.MeshDeleted() -> {
                draft.clearLife();
                draft.life = MeshState.Life.DELETED;
                draft.meshModifiedSeq = seq;
            }
            case MeshEvent.ClusterAdded(var name, var spec) ->
                draft.clusters = put(draft.clusters, name, spec, seq, time);
            case MeshEvent.ClusterUpdated(var name, var spec) ->
                draft.clusters = put(draft.clusters, name, spec, seq, time);
            case MeshEvent.ClusterRemoved(var name) -> draft.clusters = draft.clusters.minus(name);
            case MeshEvent.NamespaceCreated(var name, var spec) ->
                draft.namespaces = put(draft.namespaces, name, spec, seq, time);
            case MeshEvent.NamespaceUpdated(var name, var spec) ->
                draft.namespaces = put(draft.namespaces, name, spec, seq, time);
            case MeshEvent.NamespaceDeleted(var name) -> draft.namespaces = draft.namespaces.minus(name);
            case MeshEvent.IngressGatewayDeployed(var name, var spec) ->
                draft.ingressGateways = put(draft.ingressGateways, name, spec, seq, time);
            case MeshEvent.IngressGatewayUpdated(var name, var spec) ->
                draft.ingressGateways = put(draft.ingressGateways, name, spec, seq, time);
            case MeshEvent.IngressGatewayUninstalled(var name, var withCluster) ->
                draft.ingressGateways = draft.ingressGateways.minus(name);
            case MeshEvent.ResourcesApplied(var changes, var rolledBackTo) ->
                draft.resources = changed(draft.resources, changes, seq);
        }
    }

    private static List<Member> former(StateDraft draft) {
        return draft.membership.map(Membership::former).orElse(List.of());
    }

    /** An entry keeps the time of its creation over its updates. */
    private static <T> PSortedMap<String, MeshState.Entry<T>> put(
            PSortedMap<String, MeshState.Entry<T>> entries, String name, T spec, long seq, Instant time) {
        MeshState.Entry<T> earlier = entries.get(name);
        return entries.plus(name, new MeshState.Entry<>(spec, earlier == null ? time : earlier.created(), seq));
    }

    static PSortedMap<ResourceKey, Resource> changed(
            PSortedMap<ResourceKey, Resource> resources, List<ResourceChange> changes, long seq) {
        for (ResourceChange change : changes) {
            resources = switch (change) {
                case ResourcePut put -> resources.plus(put.key(), ResourceCodec.stored(put, seq));
                case ResourceDeleted deleted -> resources.minus(deleted.key());
            };
        }
        return resources;
    }

    private static DivergentBranch recorded(StateDraft draft, MeshEvent.DivergentBranchDetected part, long seq) {
        DivergentBranch branch = draft.branches.get(part.branch());
        DivergentBranch earlier = branch == null
                ? new DivergentBranch(
                        part.branch(), part.originRegion(), part.fork(), part.fork(), List.of(), List.of())
                : branch;
        return earlier.plus(part, seq).mapEntries(entry -> askedAgain(draft, entry));
    }

    /** Its client may have asked again after it was judged and before it was recorded. */
    private static BranchEntry askedAgain(StateDraft draft, BranchEntry entry) {
        return entry.isOpen()
                ? draft.applied
                        .find(entry.commandId())
                        .map(applied -> entry.reapplied(applied.position()))
                        .orElse(entry)
                : entry;
    }

    /** A command counts as applied with its last event, so that a torn one would be applied again rather than half forgotten. */
    private static boolean isLastOfCommand(EventHeader header) {
        return header.getIndexInCommand() == header.getEventsInCommand() - 1;
    }

    /** An entry is brought back by an event that cites it, and as well by its own client that asked again under the same command id. */
    private static void resolveReapplied(StateDraft draft, EventEnvelope envelope) {
        EventHeader header = envelope.header();
        Optional<Position> cited =
                header.hasReapplies() ? Optional.of(Position.of(header.getReapplies())) : Optional.empty();
        Predicate<BranchEntry> broughtBack = entry -> entry.isOpen()
                && (cited.filter(entry.last()::equals).isPresent()
                        || (!entry.commandId().isEmpty() && entry.commandId().equals(header.getCommandId())));
        for (DivergentBranch branch : draft.branches.values()) {
            if (branch.entries().stream().anyMatch(broughtBack)) {
                draft.branches = draft.branches.plus(
                        branch.name(),
                        branch.mapEntries(
                                entry -> broughtBack.test(entry) ? entry.reapplied(envelope.position()) : entry));
            }
        }
    }

    private static void rememberCommand(StateDraft draft, EventEnvelope envelope) {
        EventHeader header = envelope.header();
        if (!header.getCommandId().isEmpty()) {
            draft.applied = draft.applied.plus(new AppliedCommands.Applied(
                    header.getCommandId(), header.getCommandFingerprint(), envelope.position()));
        }
    }
}
