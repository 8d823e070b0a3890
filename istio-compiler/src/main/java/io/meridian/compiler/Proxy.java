package io.meridian.compiler;

import java.util.List;
import java.util.Map;

/**
 * What the compiler may know of a proxy: its node id and metadata, parsed. Immutable.
 *
 * <p>Source of the names: Istio's node id {@code TYPE~IP~NAME.NAMESPACE~DOMAIN} and bootstrap metadata (pkg/model/proxy.go of Istio).
 *
 * @param id the whole node id
 * @param addresses the IP of the node id, then those of INSTANCE_IPS
 * @param name of the workload, as the inventory names it
 * @param domain DNS suffix of its namespace, {@code default.svc.cluster.local}
 * @param cluster CLUSTER_ID: the mesh's cluster that it runs in
 * @param network empty: the cluster's own
 * @param locality "region/zone/subzone"; empty: the workload's or the cluster's own
 * @param labels LABELS of its metadata; where empty, those of the workload in the inventory count
 * @param istioVersion ISTIO_VERSION; empty if not told
 */
public record Proxy(
        String id,
        Type type,
        List<String> addresses,
        String name,
        String namespace,
        String domain,
        String cluster,
        String network,
        String locality,
        Map<String, String> labels,
        InterceptionMode interceptionMode,
        String istioVersion,
        String serviceAccount) {
    public Proxy {
        addresses = List.copyOf(addresses);
        labels = Map.copyOf(labels);
    }

    /** Node ids are unique in a mesh, and this is asked for on every change. */
    @Override
    public int hashCode() {
        return id.hashCode();
    }

    public enum Type {
        SIDECAR,
        ROUTER,
        /** A proxyless gRPC client: GENERATOR is "grpc". */
        GRPC
    }

    /** How traffic comes to a sidecar (INTERCEPTION_MODE). NONE: applications connect to its listeners. */
    public enum InterceptionMode {
        REDIRECT,
        TPROXY,
        NONE
    }
}
