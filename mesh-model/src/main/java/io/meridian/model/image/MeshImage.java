package io.meridian.model.image;

import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.EventCodec;
import io.meridian.model.mesh.Evolver;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.UnreadableEventException;
import io.meridian.model.position.MeshId;
import io.meridian.model.resource.ResourceKey;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;

/**
 * A mesh's state with what its clusters run. Immutable and persistent: a step shares with the image before it all that did not change.
 *
 * @param inventory by cluster name; clusters that left the mesh may still be in it and have to be passed over
 */
public record MeshImage(MeshState state, HashPMap<String, HashPMap<InventoryKey, InventoryRecord>> inventory) {

    /** A new image and how it differs from the one that it was made from. */
    public record Step(MeshImage image, ImageDelta delta) {}

    public static MeshImage empty(MeshId mesh) {
        return new MeshImage(MeshState.empty(mesh), HashTreePMap.empty());
    }

    /** An object of a cluster; null if it has none by that key. */
    public @org.jspecify.annotations.Nullable InventoryObject object(String cluster, InventoryKey key) {
        InventoryRecord record =
                inventory.getOrDefault(cluster, HashTreePMap.empty()).get(key);
        return record == null || !record.hasObject() ? null : record.getObject();
    }

    /**
     * The image after the next event of the log.
     *
     * @throws UnreadableEventException if this version cannot read it; following must stop there
     * @throws IllegalArgumentException if it does not continue the state
     */
    public Step fold(EventEnvelope envelope) throws UnreadableEventException {
        MeshEvent event = EventCodec.decode(envelope);
        MeshState next = Evolver.evolve(state, envelope, event);
        ImageDelta delta = switch (event) {
            case MeshEvent.SegmentOpened opened ->
                opened.state().isPresent() ? difference(state, next) : ImageDelta.NONE;
            case MeshEvent.SegmentSealed sealed -> ImageDelta.NONE;
            case MeshEvent.HandoverStarted started -> ImageDelta.NONE;
            case MeshEvent.HandoverAborted aborted -> ImageDelta.NONE;
            case MeshEvent.DivergentBranchDetected detected -> ImageDelta.NONE;
            case MeshEvent.BranchDiscarded discarded -> ImageDelta.NONE;
            case MeshEvent.RegionJoined joined -> ImageDelta.NONE;
            case MeshEvent.RegionLeft left -> ImageDelta.NONE;
            case MeshEvent.MeshCreated created -> difference(state, next);
            case MeshEvent.MeshDeleted deleted -> difference(state, next);
            case MeshEvent.MeshUpdated updated -> mesh();
            case MeshEvent.MeshUpgraded upgraded -> mesh();
            case MeshEvent.ClusterAdded(var name, var spec) -> cluster(name);
            case MeshEvent.ClusterUpdated(var name, var spec) -> cluster(name);
            case MeshEvent.ClusterRemoved(var name) -> cluster(name);
            case MeshEvent.NamespaceCreated(var name, var spec) -> namespace(name);
            case MeshEvent.NamespaceUpdated(var name, var spec) -> namespace(name);
            case MeshEvent.NamespaceDeleted(var name) -> namespace(name);
            case MeshEvent.IngressGatewayDeployed(var name, var spec) -> ingressGateway(name);
            case MeshEvent.IngressGatewayUpdated(var name, var spec) -> ingressGateway(name);
            case MeshEvent.IngressGatewayUninstalled(var name, var with) -> ingressGateway(name);
            case MeshEvent.ResourcesApplied(var changes, var rolledBackTo) -> resources(changes);
        };
        return new Step(new MeshImage(next, inventory), delta);
    }

    /** Replaces the whole state, as a snapshot does. */
    public Step replaceState(MeshState next) {
        return new Step(new MeshImage(next, inventory), difference(state, next));
    }

    /**
     * Takes records of a cluster's inventory; an equal record is no difference.
     *
     * @param full what is not among {@code records} goes
     */
    public Step withInventory(String cluster, boolean full, Collection<InventoryRecord> records) {
        HashPMap<InventoryKey, InventoryRecord> held = inventory.getOrDefault(cluster, HashTreePMap.empty());
        HashPMap<InventoryKey, InventoryRecord> next = held;
        Set<InventoryKey> changed = new HashSet<>();
        if (full) {
            Set<InventoryKey> kept = new HashSet<>();
            records.forEach(record -> kept.add(record.getKey()));
            for (InventoryKey key : held.keySet()) {
                if (!kept.contains(key)) {
                    next = next.minus(key);
                    changed.add(key);
                }
            }
        }
        for (InventoryRecord record : records) {
            InventoryRecord other = held.get(record.getKey());
            if (record.hasObject()) {
                next = next.plus(record.getKey(), record);
            } else {
                next = next.minus(record.getKey());
            }
            boolean same = other == null
                    ? !record.hasObject()
                    : record.hasObject() && other.getObject().equals(record.getObject());
            if (!same) {
                changed.add(record.getKey());
            }
        }
        MeshImage image =
                new MeshImage(state, next.isEmpty() ? inventory.minus(cluster) : inventory.plus(cluster, next));
        ImageDelta delta = changed.isEmpty()
                ? ImageDelta.NONE
                : new ImageDelta(false, Set.of(), Set.of(), Set.of(), Set.of(), Map.of(cluster, Set.copyOf(changed)));
        return new Step(image, delta);
    }

    private static ImageDelta difference(MeshState from, MeshState to) {
        return new ImageDelta(
                from.life() != to.life() || !from.spec().equals(to.spec()),
                differingKeys(from.clusters(), to.clusters()),
                differingKeys(from.namespaces(), to.namespaces()),
                differingKeys(from.ingressGateways(), to.ingressGateways()),
                differingKeys(from.resources(), to.resources()),
                Map.of());
    }

    private static <K, V> Set<K> differingKeys(Map<K, V> from, Map<K, V> to) {
        Set<K> keys = new HashSet<>();
        from.forEach((key, value) -> {
            if (!Objects.equals(to.get(key), value)) {
                keys.add(key);
            }
        });
        to.keySet().forEach(key -> {
            if (!from.containsKey(key)) {
                keys.add(key);
            }
        });
        return keys;
    }

    private static ImageDelta mesh() {
        return new ImageDelta(true, Set.of(), Set.of(), Set.of(), Set.of(), Map.of());
    }

    private static ImageDelta cluster(String name) {
        return new ImageDelta(false, Set.of(name), Set.of(), Set.of(), Set.of(), Map.of());
    }

    private static ImageDelta namespace(String name) {
        return new ImageDelta(false, Set.of(), Set.of(name), Set.of(), Set.of(), Map.of());
    }

    private static ImageDelta ingressGateway(String name) {
        return new ImageDelta(false, Set.of(), Set.of(), Set.of(name), Set.of(), Map.of());
    }

    private static ImageDelta resources(List<MeshEvent.ResourceChange> changes) {
        Set<ResourceKey> keys = new HashSet<>();
        changes.forEach(change -> keys.add(change.key()));
        return new ImageDelta(false, Set.of(), Set.of(), Set.of(), keys, Map.of());
    }
}
