package io.meridian.model.mesh;

import io.meridian.model.position.Position;
import io.meridian.model.resource.Resource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the events of a branched command touch, and whether the current branch left it as the command found it. An object is as found if it
 * is absent now and the events created it, or if it was there and was last changed at the fork or before, or by a command of
 * the same branch that precedes this one and is in force here. What was created and deleted again since the fork counts as never there.
 */
final class BranchTouches {
    /**
     * @param modifiedSeq of the object in the state; empty if it is not there
     * @param created by the events: they expect it to be absent
     * @param fits whether the object's generation is the one that the events build on
     */
    private record Touch(OptionalLong modifiedSeq, boolean created, boolean fits) {}

    private final MeshState state;
    private final String commandId;
    private final Map<String, Touch> touches = new LinkedHashMap<>();

    private BranchTouches(MeshState state, String commandId) {
        this.state = state;
        this.commandId = commandId;
    }

    /** Of {@code events}, which {@code commandId} wrote, seen against {@code state}. */
    static BranchTouches of(MeshState state, String commandId, List<MeshEvent> events) {
        BranchTouches touches = new BranchTouches(state, commandId);
        events.forEach(touches::add);
        return touches;
    }

    /** By the names that messages use. */
    Set<String> objects() {
        return Set.copyOf(touches.keySet());
    }

    /**
     * The first object that is not as found, in words.
     *
     * @param earlier ids of the commands that precede this one on the branch
     */
    Optional<String> conflict(long forkSeq, Collection<String> earlier) {
        return touches.entrySet().stream()
                .flatMap(touch -> conflict(touch.getKey(), touch.getValue(), forkSeq, earlier).stream())
                .findFirst();
    }

    private Optional<String> conflict(String object, Touch touch, long forkSeq, Collection<String> earlier) {
        if (touch.modifiedSeq().isEmpty()) {
            return touch.created()
                    ? Optional.empty()
                    : Optional.of(object + " is not there any more on the current branch");
        }
        long seq = touch.modifiedSeq().getAsLong();
        Position at = new Position(state.id(), state.lineage().epochAt(seq), seq);
        if (touch.created()) {
            return Optional.of(
                    object + " was created on the current branch too; it was last changed at position " + at);
        }
        if (seq > forkSeq && earlier.stream().noneMatch(id -> state.applied().wrote(id, seq))) {
            return Optional.of(object + " was changed on the current branch at position " + at);
        }
        return touch.fits()
                ? Optional.empty()
                : Optional.of("it builds on a change of " + object + " that is not on the current branch, where the"
                        + " object was last changed at position " + at);
    }

    private void add(MeshEvent event) {
        switch (event) {
            case MeshEvent.MeshCreated created -> mesh(true);
            case MeshEvent.MeshUpdated updated -> mesh(false);
            case MeshEvent.MeshUpgraded upgraded -> mesh(false);
            case MeshEvent.MeshDeleted deleted -> everything();
            case MeshEvent.ClusterAdded(var name, var spec) -> part("cluster ", state.clusters(), name, true);
            case MeshEvent.ClusterUpdated(var name, var spec) -> part("cluster ", state.clusters(), name, false);
            case MeshEvent.ClusterRemoved(var name) -> part("cluster ", state.clusters(), name, false);
            case MeshEvent.NamespaceCreated(var name, var spec) -> part("namespace ", state.namespaces(), name, true);
            case MeshEvent.NamespaceUpdated(var name, var spec) -> part("namespace ", state.namespaces(), name, false);
            case MeshEvent.NamespaceDeleted(var name) -> part("namespace ", state.namespaces(), name, false);
            case MeshEvent.IngressGatewayDeployed(var name, var spec) -> gateway(name, true);
            case MeshEvent.IngressGatewayUpdated(var name, var spec) -> gateway(name, false);
            case MeshEvent.IngressGatewayUninstalled(var name, var with) -> gateway(name, false);
            case MeshEvent.ResourcesApplied(var changes, var rolledBackTo) -> changes.forEach(this::resource);
            case MeshEvent.SegmentOpened opened -> {}
            case MeshEvent.SegmentSealed sealed -> {}
            case MeshEvent.HandoverStarted started -> {}
            case MeshEvent.HandoverAborted aborted -> {}
            case MeshEvent.DivergentBranchDetected detected -> {}
            case MeshEvent.BranchDiscarded discarded -> {}
            case MeshEvent.RegionJoined joined -> {}
            case MeshEvent.RegionLeft left -> {}
        }
    }

    private void mesh(boolean created) {
        touch(
                "mesh " + state.id(),
                state.isActive() ? OptionalLong.of(state.meshModifiedSeq()) : OptionalLong.empty(),
                created,
                true);
    }

    private void everything() {
        mesh(false);
        state.clusters().keySet().forEach(name -> part("cluster ", state.clusters(), name, false));
        state.namespaces().keySet().forEach(name -> part("namespace ", state.namespaces(), name, false));
        state.ingressGateways().keySet().forEach(name -> gateway(name, false));
        state.resources()
                .values()
                .forEach(resource ->
                        touch(resource.key().toString(), OptionalLong.of(resource.modifiedSeq()), false, true));
    }

    private void gateway(String name, boolean created) {
        part("ingress gateway ", state.ingressGateways(), name, created);
    }

    private <T> void part(String kind, Map<String, MeshState.Entry<T>> entries, String name, boolean created) {
        MeshState.Entry<T> entry = entries.get(name);
        touch(kind + name, entry == null ? OptionalLong.empty() : OptionalLong.of(entry.modifiedSeq()), created, true);
    }

    private void resource(MeshEvent.ResourceChange change) {
        Resource stored = state.resources().get(change.key());
        OptionalLong modifiedSeq = stored == null ? OptionalLong.empty() : OptionalLong.of(stored.modifiedSeq());
        boolean created = change instanceof MeshEvent.ResourcePut put
                && put.uid().equals(ResourceDecisions.uid(commandId, put.key()));
        boolean fits = stored == null
                || !(change instanceof MeshEvent.ResourcePut put)
                || put.generation() == ResourceDecisions.generation(stored, put.spec());
        touch(change.key().toString(), modifiedSeq, created, fits);
    }

    /** An event sees what the ones before it left; the first to touch an object tells how the command found it. */
    private void touch(String object, OptionalLong modifiedSeq, boolean created, boolean fits) {
        touches.putIfAbsent(object, new Touch(modifiedSeq, created, fits));
    }
}
