package io.meridian.compiler.internal.cluster;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.meridian.compiler.Fragment;
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
        List<Fragment> parts = new ArrayList<>();
        parts.add(head(cluster));
        for (String locality : localities) {
            parts.add(view.get(new LocalityBytes(service, port, labels, locality)));
        }
        return view.resource(XdsType.ENDPOINT, cluster, Fragment.copied(parts));
    }

    /** Divided as the assignments that are put together from their localities, so that equal ones have one version. */
    public static Fragment content(ClusterLoadAssignment assignment) {
        List<Fragment> parts = new ArrayList<>();
        parts.add(head(assignment.getClusterName()));
        assignment.getEndpointsList().forEach(locality -> parts.add(locality(locality)));
        ClusterLoadAssignment rest =
                assignment.toBuilder().clearClusterName().clearEndpoints().build();
        if (!rest.equals(ClusterLoadAssignment.getDefaultInstance())) {
            parts.add(Fragment.of(XdsResource.deterministic(rest)));
        }
        return Fragment.copied(parts);
    }

    private static Fragment head(String cluster) {
        return Fragment.of(ClusterLoadAssignment.newBuilder()
                .setClusterName(cluster)
                .build()
                .toByteString());
    }

    private static Fragment locality(LocalityLbEndpoints endpoints) {
        return RepeatedField.element(ClusterLoadAssignment.ENDPOINTS_FIELD_NUMBER, endpoints);
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
                return view.resource(XdsType.ENDPOINT, everywhere.name(), content(result.build()));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("an assignment that was just written cannot be read", e);
            }
        }
    }

    /** A {@code LocalityLbEndpoints} as an element of the assignment. */
    private record LocalityBytes(ServiceKey service, int port, Map<String, String> labels, String name)
            implements Query<Fragment> {
        @Override
        public Fragment compute(Tracked view) {
            List<Endpoint> members = view.get(new EndpointsOf(service, port)).stream()
                    .filter(endpoint -> endpoint.locality().equals(name) && endpoint.hasLabels(labels))
                    .toList();
            return locality(Localities.of(name, members));
        }
    }
}
