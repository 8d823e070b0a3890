package io.meridian.compiler.internal.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.cluster.Assignment;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.internal.service.Endpoint;
import io.meridian.compiler.internal.service.EndpointsOf;
import java.util.List;

/** gRPC knows no endpoints but socket addresses (gRFC A27): one that is a path is left out. */
final class UnixEndpoints {
    private UnixEndpoints() {}

    static boolean isPath(Endpoint endpoint) {
        return endpoint.address().startsWith("unix://");
    }

    /** The assignment as it is for everyone, wherever it can be. */
    static XdsResource without(Tracked view, Assignment assignment, String locality) {
        return view.get(new Exist(assignment.service(), assignment.port()))
                ? view.get(new Removed(assignment, locality))
                : view.get(assignment.from(locality));
    }

    private record Exist(ServiceKey service, int port) implements Query<Boolean> {
        @Override
        public Boolean compute(Tracked view) {
            return view.get(new EndpointsOf(service, port)).stream().anyMatch(UnixEndpoints::isPath);
        }
    }

    private record Removed(Assignment assignment, String locality) implements Query<XdsResource> {
        @Override
        public XdsResource compute(Tracked view) {
            XdsResource all = view.get(assignment.from(locality));
            ClusterLoadAssignment.Builder result = parse(all).toBuilder();
            for (LocalityLbEndpoints.Builder group : result.getEndpointsBuilderList()) {
                List<LbEndpoint> rest = group.getLbEndpointsList().stream()
                        .filter(endpoint -> !endpoint.getEndpoint().getAddress().hasPipe())
                        .toList();
                group.clearLbEndpoints().addAllLbEndpoints(rest);
            }
            return view.resource(XdsType.ENDPOINT, all.name(), Assignment.content(result.build()));
        }

        private static ClusterLoadAssignment parse(XdsResource resource) {
            try {
                return Any.parseFrom(resource.any()).unpack(ClusterLoadAssignment.class);
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("an assignment that was just written cannot be read", e);
            }
        }
    }
}
