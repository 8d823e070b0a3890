package io.meridian.model.inventory;

import io.meridian.api.type.v1.InventoryEndpoint;
import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.api.type.v1.InventoryWorkload;

/** The identity of an inventory object within its cluster. */
public final class InventoryKeys {
    private InventoryKeys() {}

    /** Throws IllegalArgumentException for an object that is none; {@link InventoryChecks} says so first. */
    public static InventoryKey of(InventoryObject object) {
        return switch (object.getObjectCase()) {
            case SERVICE -> {
                InventoryService service = object.getService();
                yield key(InventoryKey.Kind.SERVICE, service.getNamespace(), service.getName());
            }
            case WORKLOAD -> {
                InventoryWorkload workload = object.getWorkload();
                yield key(InventoryKey.Kind.WORKLOAD, workload.getNamespace(), workload.getName());
            }
            case ENDPOINT -> {
                InventoryEndpoint endpoint = object.getEndpoint();
                yield key(
                        InventoryKey.Kind.ENDPOINT,
                        endpoint.getNamespace(),
                        endpoint.getService() + "/" + endpoint.getWorkload());
            }
            case OBJECT_NOT_SET -> throw new IllegalArgumentException("an inventory object that is none");
        };
    }

    private static InventoryKey key(InventoryKey.Kind kind, String namespace, String name) {
        return InventoryKey.newBuilder()
                .setKind(kind)
                .setNamespace(namespace)
                .setName(name)
                .build();
    }
}
