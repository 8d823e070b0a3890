package io.meridian.compiler.internal.cluster;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Endpoint;
import io.meridian.compiler.internal.service.EndpointsOf;
import io.meridian.compiler.translate.LocalityPriorities;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The endpoints of a cluster: the bytes of its localities, one after the other.
 *
 * @param cluster its name
 * @param labels that the endpoints must have
 * @param preference of localities, if it matters where the client is; {@link #from} has its effect
 */
public record Assignment(
        String cluster,
        ServiceKey service,
        int port,
        Map<String, String> labels,
        Optional<LocalityPreference> preference)
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

    /** For clients there; "" for somewhere. */
    public Query<XdsResource> from(String locality) {
        return preference.isEmpty() || locality.isEmpty() ? this : new From(this, preference.get(), locality);
    }

    private record From(Assignment assignment, LocalityPreference preference, String locality)
            implements Query<XdsResource> {
        @Override
        public XdsResource compute(Tracked view) {
            XdsResource everywhere = view.get(assignment);
            try {
                ClusterLoadAssignment.Builder result =
                        Any.parseFrom(everywhere.any()).unpack(ClusterLoadAssignment.class).toBuilder();
                LocalityPriorities.apply(
                        result, Localities.locality(locality), preference.setting(), preference.outlierDetection());
                return view.resource(XdsType.ENDPOINT, everywhere.name(), XdsResource.deterministic(result.build()));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("an assignment that was just written cannot be read", e);
            }
        }
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
