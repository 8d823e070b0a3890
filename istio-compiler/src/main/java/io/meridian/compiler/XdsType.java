package io.meridian.compiler;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The resource types that are served, in the order in which changes are sent: clusters, endpoints, listeners, routes. */
public enum XdsType {
    CLUSTER("type.googleapis.com/envoy.config.cluster.v3.Cluster", "CDS", true),
    ENDPOINT("type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment", "EDS", false),
    LISTENER("type.googleapis.com/envoy.config.listener.v3.Listener", "LDS", true),
    ROUTE("type.googleapis.com/envoy.config.route.v3.RouteConfiguration", "RDS", false),
    SECRET("type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret", "SDS", false);

    private static final Map<String, XdsType> BY_TYPE_URL =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(XdsType::typeUrl, Function.identity()));

    private final String typeUrl;
    private final String shortName;
    private final boolean completeInStateOfTheWorld;

    XdsType(String typeUrl, String shortName, boolean completeInStateOfTheWorld) {
        this.typeUrl = typeUrl;
        this.shortName = shortName;
        this.completeInStateOfTheWorld = completeInStateOfTheWorld;
    }

    public String typeUrl() {
        return typeUrl;
    }

    /** "CDS", ... as istioctl prints it. */
    public String shortName() {
        return shortName;
    }

    /** Whether absence from a state-of-the-world response deletes (xDS protocol, "Deleting resources"). */
    public boolean completeInStateOfTheWorld() {
        return completeInStateOfTheWorld;
    }

    public static Optional<XdsType> ofTypeUrl(String typeUrl) {
        return Optional.ofNullable(BY_TYPE_URL.get(typeUrl));
    }
}
