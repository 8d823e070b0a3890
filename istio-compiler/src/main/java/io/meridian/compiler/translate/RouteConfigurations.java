package io.meridian.compiler.translate;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.List;

/** What surrounds routes: virtual hosts and route configurations with Istio's options. */
public final class RouteConfigurations {
    /** The limit that validation sets for {@code directResponse}; Envoy's own is 4 KiB. */
    private static final UInt32Value MAX_DIRECT_RESPONSE_BYTES = ProtoValues.uint32(1 << 20);

    private static final String ANY_HOST = "*";
    private static final int BAD_GATEWAY = 502;

    private RouteConfigurations() {}

    /**
     * Outbound or of a gateway. Clusters may be missing, in which case Envoy answers 503; a port in the authority does not count for the virtual
     * host, so that its name without port suffices.
     */
    public static RouteConfiguration.Builder outbound(String name) {
        return RouteConfiguration.newBuilder()
                .setName(name)
                .setValidateClusters(ProtoValues.bool(false))
                .setMaxDirectResponseBodySizeBytes(MAX_DIRECT_RESPONSE_BYTES)
                .setIgnorePortInHostMatching(true);
    }

    /** To the application next to the sidecar, whatever host the request names. */
    public static RouteConfiguration inbound(String name, String virtualHost, Route route) {
        return RouteConfiguration.newBuilder()
                .setName(name)
                .setValidateClusters(ProtoValues.bool(false))
                .addVirtualHosts(VirtualHost.newBuilder()
                        .setName(virtualHost)
                        .addDomains(ANY_HOST)
                        .addRoutes(route))
                .build();
    }

    /** Upstreams are told by header how often a request was tried. */
    public static VirtualHost.Builder virtualHost(String name, List<String> domains, List<Route> routes) {
        return VirtualHost.newBuilder()
                .setName(name)
                .addAllDomains(domains)
                .addAllRoutes(routes)
                .setIncludeRequestAttemptCount(true);
    }

    /** Hosts that the mesh does not know are passed through. */
    public static VirtualHost allowAny() {
        Route route = Route.newBuilder()
                .setName("allow_any")
                .setMatch(RouteMatches.EVERYTHING)
                .setRoute(RouteForwarding.untimed().setCluster(ClusterNames.PASSTHROUGH))
                .build();
        return virtualHost("allow_any", List.of(ANY_HOST), List.of(route)).build();
    }

    /** Hosts that the mesh does not know are refused with 502. */
    public static VirtualHost blockAll() {
        Route route = Route.newBuilder()
                .setName("block_all")
                .setMatch(RouteMatches.EVERYTHING)
                .setDirectResponse(DirectResponseAction.newBuilder().setStatus(BAD_GATEWAY))
                .build();
        return virtualHost("block_all", List.of(ANY_HOST), List.of(route)).build();
    }
}
