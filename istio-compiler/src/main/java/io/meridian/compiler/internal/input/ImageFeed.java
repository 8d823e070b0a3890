package io.meridian.compiler.internal.input;

import io.meridian.api.type.v1.InventoryKey;
import io.meridian.compiler.internal.graph.Store;
import io.meridian.model.image.ImageDelta;
import io.meridian.model.image.MeshImage;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.resource.ResourceKey;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Brings the facts from one image to the next, in steps of the size of the delta. */
public final class ImageFeed {
    private final Store store;
    private final ResourceFeed resources;
    private final InventoryFeed inventory;
    private final Set<String> members = new HashSet<>();

    public ImageFeed(Store store) {
        this.store = store;
        this.resources = new ResourceFeed(store);
        this.inventory = new InventoryFeed(store);
    }

    public void update(MeshImage image, ImageDelta delta) {
        MeshState state = image.state();
        if (delta.meshChanged()) {
            store.put(Inputs.MESH, Inputs.ALL, state.spec());
        }
        for (ResourceKey key : delta.resources()) {
            resources.set(key, state.resources().get(key));
        }
        for (String name : delta.ingressGateways()) {
            var gateway = state.ingressGateways().get(name);
            if (gateway == null) {
                store.remove(Inputs.INGRESS_GATEWAYS, Inputs.ALL, name);
            } else {
                store.put(Inputs.INGRESS_GATEWAYS, Inputs.ALL, name, gateway.spec());
            }
        }
        for (String name : delta.clusters()) {
            cluster(image, name);
        }
        delta.inventory().forEach((cluster, keys) -> {
            // What a cluster runs counts while it belongs to the mesh.
            if (members.contains(cluster)) {
                keys.forEach(key -> inventory.set(cluster, key, image.object(cluster, key)));
            }
        });
    }

    private void cluster(MeshImage image, String name) {
        var cluster = image.state().clusters().get(name);
        if (cluster == null) {
            store.remove(Inputs.CLUSTERS, name);
            if (members.remove(name)) {
                inventory.keys(name).forEach(key -> inventory.set(name, key, null));
            }
            return;
        }
        store.put(Inputs.CLUSTERS, name, cluster.spec());
        if (members.add(name)) {
            var objects = image.inventory().get(name);
            if (objects != null) {
                for (InventoryKey key : objects.keySet()) {
                    inventory.set(name, key, image.object(name, key));
                }
            }
        }
    }

    /** The delta that leads from nothing to {@code image}. */
    public static ImageDelta everything(MeshImage image) {
        MeshState state = image.state();
        return new ImageDelta(
                true,
                state.clusters().keySet(),
                state.namespaces().keySet(),
                state.ingressGateways().keySet(),
                state.resources().keySet(),
                Map.of());
    }
}
