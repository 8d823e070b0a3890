package io.meridian.compiler.internal.cluster;

import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.meridian.compiler.internal.service.Endpoint;
import io.meridian.compiler.internal.service.EndpointsOf.Origin;
import io.meridian.compiler.internal.service.Service;
import io.meridian.compiler.internal.service.ServicePort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Endpoints in Envoy's form, grouped by locality. */
final class Localities {
    private static final String UNIX = "unix://";

    private Localities() {}

    static LocalityLbEndpoints of(String locality, List<Endpoint> members) {
        LocalityLbEndpoints.Builder group = LocalityLbEndpoints.newBuilder().setLocality(locality(locality));
        long weight = 0;
        for (Endpoint member : members) {
            group.addLbEndpoints(endpoint(member));
            weight += member.weight();
        }
        return group.setLoadBalancingWeight(UInt32Value.of((int) Math.min(Integer.MAX_VALUE, weight)))
                .build();
    }

    /** For a cluster that resolves names; empty if there is nothing to resolve: no endpoints, and a host that is a wildcard. */
    static Optional<ClusterLoadAssignment> inline(
            String cluster, Service service, ServicePort port, List<Endpoint> endpoints, Map<String, String> labels) {
        TreeMap<String, List<Endpoint>> groups = new TreeMap<>();
        for (Endpoint endpoint : endpoints) {
            if (endpoint.hasLabels(labels)) {
                groups.computeIfAbsent(endpoint.locality(), locality -> new ArrayList<>())
                        .add(endpoint);
            }
        }
        if (groups.isEmpty()) {
            if (service.host().startsWith("*")) {
                return Optional.empty();
            }
            groups.put("", List.of(new Endpoint(service.host(), port.targetPort(), Map.of(), "", 1, Origin.NONE)));
        }
        ClusterLoadAssignment.Builder assignment =
                ClusterLoadAssignment.newBuilder().setClusterName(cluster);
        groups.forEach((locality, members) -> assignment.addEndpoints(of(locality, members)));
        return Optional.of(assignment.build());
    }

    private static LbEndpoint endpoint(Endpoint endpoint) {
        LbEndpoint.Builder result = LbEndpoint.newBuilder().setLoadBalancingWeight(UInt32Value.of(endpoint.weight()));
        result.getEndpointBuilder().setAddress(address(endpoint.address(), endpoint.port()));
        if (!endpoint.origin().workload().isEmpty()) {
            result.setMetadata(Metadata.newBuilder()
                    .putFilterMetadata(
                            "istio",
                            Struct.newBuilder()
                                    .putFields(
                                            "workload",
                                            Value.newBuilder()
                                                    .setStringValue(workload(endpoint))
                                                    .build())
                                    .build()));
        }
        return result.build();
    }

    static Address address(String address, int port) {
        if (address.startsWith(UNIX)) {
            return Address.newBuilder()
                    .setPipe(Pipe.newBuilder().setPath(address.substring(UNIX.length())))
                    .build();
        }
        return Address.newBuilder()
                .setSocketAddress(SocketAddress.newBuilder().setAddress(address).setPortValue(port))
                .build();
    }

    /** NAME;NAMESPACE;CANONICAL SERVICE;CANONICAL REVISION;CLUSTER, as telemetry reads it. */
    private static String workload(Endpoint endpoint) {
        Origin origin = endpoint.origin();
        Map<String, String> labels = endpoint.labels();
        String service =
                first(labels, origin.workload(), "service.istio.io/canonical-name", "app.kubernetes.io/name", "app");
        String revision =
                first(labels, "latest", "service.istio.io/canonical-revision", "app.kubernetes.io/version", "version");
        return String.join(";", origin.workload(), origin.namespace(), service, revision, origin.cluster());
    }

    private static String first(Map<String, String> labels, String otherwise, String... names) {
        for (String name : names) {
            String value = labels.get(name);
            if (value != null) {
                return value;
            }
        }
        return otherwise;
    }

    static Locality locality(String text) {
        String[] parts = text.split("/", 3);
        Locality.Builder locality = Locality.newBuilder().setRegion(parts[0]);
        if (parts.length > 1) {
            locality.setZone(parts[1]);
        }
        if (parts.length > 2) {
            locality.setSubZone(parts[2]);
        }
        return locality.build();
    }
}
