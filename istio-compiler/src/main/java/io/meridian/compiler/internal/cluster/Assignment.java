package io.meridian.compiler.internal.cluster;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Endpoint;
import io.meridian.compiler.internal.service.EndpointsOf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The endpoints of a cluster: the bytes of its localities, one after the other.
 *
 * @param cluster its name
 * @param labels that the endpoints must have
 */
record Assignment(String cluster, ServiceKey service, int port, Map<String, String> labels)
        implements Query<XdsResource> {
    @Override
    public XdsResource compute(Tracked view) {
        TreeSet<String> localities = new TreeSet<>();
        for (Endpoint endpoint : view.get(new EndpointsOf(service, port))) {
            if (endpoint.hasLabels(labels)) {
                localities.add(endpoint.locality());
            }
        }
        List<ByteString> parts = new ArrayList<>();
        for (String locality : localities) {
            parts.add(view.get(new LocalityBytes(service, port, labels, locality)));
        }
        ByteString head = ClusterLoadAssignment.newBuilder()
                .setClusterName(cluster)
                .build()
                .toByteString();
        ByteString message =
                RepeatedField.append(head, ClusterLoadAssignment.ENDPOINTS_FIELD_NUMBER, parts, ByteString.EMPTY);
        return view.resource(XdsType.ENDPOINT, cluster, message);
    }

    /** A serialized {@code LocalityLbEndpoints}. */
    private record LocalityBytes(ServiceKey service, int port, Map<String, String> labels, String locality)
            implements Query<ByteString> {
        @Override
        public ByteString compute(Tracked view) {
            List<Endpoint> members = view.get(new EndpointsOf(service, port)).stream()
                    .filter(endpoint -> endpoint.locality().equals(locality) && endpoint.hasLabels(labels))
                    .toList();
            return XdsResource.deterministic(Localities.of(locality, members));
        }
    }
}
