package io.meridian.model.image;

import io.meridian.api.type.v1.InventoryKey;
import io.meridian.model.resource.ResourceKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What differs between two images: what was added, changed or removed, by key. A superset is allowed, an omission is not. Immutable.
 *
 * @param meshChanged the mesh's spec or life
 * @param inventory by cluster
 */
public record ImageDelta(
        boolean meshChanged,
        Set<String> clusters,
        Set<String> namespaces,
        Set<String> ingressGateways,
        Set<ResourceKey> resources,
        Map<String, Set<InventoryKey>> inventory) {
    public static final ImageDelta NONE = new ImageDelta(false, Set.of(), Set.of(), Set.of(), Set.of(), Map.of());

    public ImageDelta {
        clusters = Set.copyOf(clusters);
        namespaces = Set.copyOf(namespaces);
        ingressGateways = Set.copyOf(ingressGateways);
        resources = Set.copyOf(resources);
        inventory = Map.copyOf(inventory);
    }

    public boolean isEmpty() {
        return equals(NONE);
    }

    /** Whether only inventory differs: such changes take the short way to the proxies. */
    public boolean isInventoryOnly() {
        return !meshChanged
                && clusters.isEmpty()
                && namespaces.isEmpty()
                && ingressGateways.isEmpty()
                && resources.isEmpty();
    }

    /** What differs over both steps. */
    public ImageDelta and(ImageDelta later) {
        if (isEmpty()) {
            return later;
        }
        if (later.isEmpty()) {
            return this;
        }
        Map<String, Set<InventoryKey>> records = new HashMap<>(inventory);
        later.inventory.forEach((cluster, keys) -> records.merge(cluster, keys, ImageDelta::union));
        return new ImageDelta(
                meshChanged || later.meshChanged,
                union(clusters, later.clusters),
                union(namespaces, later.namespaces),
                union(ingressGateways, later.ingressGateways),
                union(resources, later.resources),
                records);
    }

    private static <T> Set<T> union(Set<T> one, Set<T> other) {
        Set<T> both = new HashSet<>(one);
        both.addAll(other);
        return both;
    }
}
