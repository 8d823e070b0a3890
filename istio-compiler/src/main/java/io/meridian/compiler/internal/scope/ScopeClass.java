package io.meridian.compiler.internal.scope;

import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.Instance;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Map;

/** What of a proxy its resources depend on. */
public sealed interface ScopeClass {

    /**
     * @param instances what its workload serves, sorted; empty where that makes no difference
     * @param address of its workload; empty where that makes no difference
     * @param locality "region/zone/subzone"; empty where that makes no difference
     */
    record OfSidecar(
            Client client,
            String dnsDomain,
            InterceptionMode mode,
            List<Instance> instances,
            String address,
            String locality)
            implements ScopeClass {}

    /**
     * @param gateways that select it, the oldest first
     * @param ports service ports to the ports that it listens on
     * @param locality "region/zone/subzone"; empty where that makes no difference
     */
    record OfGateway(Client client, List<ResourceKey> gateways, Map<Integer, Integer> ports, String locality)
            implements ScopeClass {}

    /**
     * Proxyless gRPC.
     *
     * @param dnsDomain of its namespace
     * @param serverPorts that its workload serves, in ascending order
     * @param locality "region/zone/subzone"; empty where that makes no difference
     */
    record OfGrpc(Client client, String dnsDomain, List<Integer> serverPorts, String locality) implements ScopeClass {}
}
