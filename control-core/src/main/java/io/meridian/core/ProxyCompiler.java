package io.meridian.core;

import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.model.mesh.MeshState;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Compiles what a proxy is to hold. The core knows of no compiler; whoever puts the server together brings one. Thread-safe. */
@FunctionalInterface
public interface ProxyCompiler {
    /**
     * Blocks for as long as compiling takes.
     *
     * @param state of an active mesh
     * @param inventory by cluster
     * @param proxy how it described itself
     * @param query which part; its mesh and node are the proxy's
     * @param timeout how long it may wait for its turn
     * @return in the order in which types are sent, then by name
     * @throws io.grpc.StatusRuntimeException UNAVAILABLE if its turn does not come in time, RESOURCE_EXHAUSTED if the answer is too large
     */
    List<ServedResource> compile(
            MeshState state,
            Map<String, List<InventoryRecord>> inventory,
            ProxyStatus proxy,
            ProxyDirectory.ConfigQuery query,
            Duration timeout);
}
