package io.meridian.compiler.internal.input;

import io.meridian.api.type.v1.InventoryEndpoint;
import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.api.type.v1.InventoryWorkload;
import io.meridian.compiler.internal.graph.Store;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keeps the tables and indexes of the clusters' inventory. */
public final class InventoryFeed {
    private final Store store;
    private final Map<String, Map<InventoryKey, InventoryObject>> known = new HashMap<>();

    InventoryFeed(Store store) {
        this.store = store;
    }

    Set<InventoryKey> keys(String cluster) {
        return Set.copyOf(known.getOrDefault(cluster, Map.of()).keySet());
    }

    /** {@code object}: null if it is gone. */
    void set(String cluster, InventoryKey key, @Nullable InventoryObject object) {
        Map<InventoryKey, InventoryObject> held = known.computeIfAbsent(cluster, name -> new HashMap<>());
        InventoryObject before = object == null ? held.remove(key) : held.put(key, object);
        if (held.isEmpty()) {
            known.remove(cluster);
        }
        if (before != null && before.equals(object)) {
            return;
        }
        // What stays in its place is overwritten there, which touches only what differs.
        if (before != null && (object == null || !isInPlace(before, object))) {
            write(cluster, before, false);
        }
        if (object != null) {
            write(cluster, object, true);
        }
    }

    private static boolean isInPlace(InventoryObject before, InventoryObject now) {
        if (before.getObjectCase() != now.getObjectCase()) {
            return false;
        }
        return switch (now.getObjectCase()) {
            case SERVICE ->
                isSame(before.getService(), now.getService(), InventoryService::getNamespace)
                        && isSame(before.getService(), now.getService(), InventoryService::getName)
                        && isSame(before.getService(), now.getService(), InventoryFeed::hostOf);
            case WORKLOAD ->
                isSame(before.getWorkload(), now.getWorkload(), InventoryWorkload::getNamespace)
                        && isSame(before.getWorkload(), now.getWorkload(), InventoryWorkload::getName);
            case ENDPOINT ->
                isSame(before.getEndpoint(), now.getEndpoint(), InventoryEndpoint::getNamespace)
                        && isSame(before.getEndpoint(), now.getEndpoint(), InventoryEndpoint::getService)
                        && isSame(before.getEndpoint(), now.getEndpoint(), InventoryEndpoint::getWorkload);
            case OBJECT_NOT_SET -> true;
        };
    }

    private static <T> boolean isSame(T before, T now, Function<T, String> part) {
        return part.apply(before).equals(part.apply(now));
    }

    private void write(String cluster, InventoryObject object, boolean there) {
        switch (object.getObjectCase()) {
            case SERVICE -> service(cluster, object.getService(), there);
            case WORKLOAD -> workload(cluster, object.getWorkload(), there);
            case ENDPOINT -> endpoint(cluster, object.getEndpoint(), there);
            case OBJECT_NOT_SET -> {}
        }
    }

    private void service(String cluster, InventoryService service, boolean there) {
        ClusterObject name = new ClusterObject(cluster, service.getNamespace(), service.getName());
        ServiceKey key = new ServiceKey(hostOf(service), service.getNamespace());
        ServiceSource source = new ServiceSource(key, "cluster/" + cluster + "/" + service.getName());
        if (there) {
            store.put(Inputs.REGISTRY, name, service);
            store.put(Inputs.REGISTERED, key, name, service);
            store.put(Inputs.SERVICES, Inputs.ALL, source, "");
            store.put(Inputs.SERVICES, key.namespace(), source, "");
            store.put(Inputs.SERVICES_BY_HOST, key.host(), source, "");
        } else {
            store.remove(Inputs.REGISTRY, name);
            store.remove(Inputs.REGISTERED, key, name);
            store.remove(Inputs.SERVICES, Inputs.ALL, source);
            store.remove(Inputs.SERVICES, key.namespace(), source);
            store.remove(Inputs.SERVICES_BY_HOST, key.host(), source);
        }
    }

    /** The name by which clients know it. */
    public static String hostOf(InventoryService service) {
        return service.getHost().isEmpty()
                ? service.getName() + "." + service.getNamespace() + ".svc.cluster.local"
                : service.getHost();
    }

    private void workload(String cluster, InventoryWorkload workload, boolean there) {
        ClusterObject name = new ClusterObject(cluster, workload.getNamespace(), workload.getName());
        if (there) {
            store.put(Inputs.WORKLOADS, name, workload);
            store.put(Inputs.WORKLOADS_BY_NAME, unclustered(name), name, "");
            store.put(Inputs.WORKLOADS_OF, workload.getNamespace(), name, new TreeMap<>(workload.getLabelsMap()));
        } else {
            store.remove(Inputs.WORKLOADS, name);
            store.remove(Inputs.WORKLOADS_BY_NAME, unclustered(name), name);
            store.remove(Inputs.WORKLOADS_OF, workload.getNamespace(), name);
        }
    }

    private static WorkloadName unclustered(ClusterObject workload) {
        return new WorkloadName(workload.namespace(), workload.name());
    }

    private void endpoint(String cluster, InventoryEndpoint endpoint, boolean there) {
        ClusterObject service = new ClusterObject(cluster, endpoint.getNamespace(), endpoint.getService());
        ClusterObject workload = new ClusterObject(cluster, endpoint.getNamespace(), endpoint.getWorkload());
        if (there) {
            store.put(Inputs.ENDPOINTS, service, endpoint.getWorkload(), endpoint);
            store.put(Inputs.SERVED, workload, endpoint.getService(), endpoint);
        } else {
            store.remove(Inputs.ENDPOINTS, service, endpoint.getWorkload());
            store.remove(Inputs.SERVED, workload, endpoint.getService());
        }
    }
}
