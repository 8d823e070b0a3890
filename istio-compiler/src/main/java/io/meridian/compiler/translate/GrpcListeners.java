package io.meridian.compiler.translate;

import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.ApiListener;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.NonForwardingAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import java.util.List;

/**
 * Listeners of proxyless gRPC, with what gRPC reads of them and nothing that it refuses: of filters only those that it has (gRFC A39), and no
 * listener filters, original destinations or TLS of Envoy's kind (A36, A29).
 */
public final class GrpcListeners {
    /** Istio's agent tells servers to ask for this name with their address behind it (its server_listener_resource_name_template). */
    public static final String SERVER_PREFIX = "xds.istio.io/grpc/lds/inbound/";

    private static final ConfigSource ADS = ConfigSource.newBuilder()
            .setAds(AggregatedConfigSource.getDefaultInstance())
            .setResourceApiVersion(ApiVersion.V3)
            .build();

    private static final RouteConfiguration EVERY_CALL = RouteConfiguration.newBuilder()
            .setName("inbound")
            .addVirtualHosts(VirtualHost.newBuilder()
                    .setName("inbound")
                    .addDomains("*")
                    .addRoutes(Route.newBuilder()
                            .setMatch(RouteMatches.EVERYTHING)
                            .setNonForwardingAction(NonForwardingAction.getDefaultInstance())))
            .build();

    private GrpcListeners() {}

    /** What a channel to {@code xds:///NAME} asks for: where its routes are (A27). */
    public static Listener ofClient(String name, String routeConfigName) {
        HttpConnectionManager manager = HttpConnectionManager.newBuilder()
                .setRds(Rds.newBuilder().setConfigSource(ADS).setRouteConfigName(routeConfigName))
                .addAllHttpFilters(HttpFilters.GRPC_CLIENT)
                .build();
        return Listener.newBuilder()
                .setName(name)
                .setApiListener(ApiListener.newBuilder().setApiListener(ProtoValues.any(manager)))
                .build();
    }

    /**
     * What a server asks for that listens there: plain text, every call to its own handlers (A36).
     *
     * @param address as the server has it, without brackets: it compares
     */
    public static Listener ofServer(String name, String address, int port) {
        HttpConnectionManager manager = HttpConnectionManager.newBuilder()
                .setRouteConfig(EVERY_CALL)
                .addAllHttpFilters(HttpFilters.GRPC_SERVER)
                .build();
        return Listener.newBuilder()
                .setName(name)
                .setAddress(Address.newBuilder()
                        .setSocketAddress(
                                SocketAddress.newBuilder().setAddress(address).setPortValue(port)))
                .setTrafficDirection(TrafficDirection.INBOUND)
                .addFilterChains(FilterChain.newBuilder()
                        .setName("inbound-plaintext")
                        .addFilters(Filter.newBuilder()
                                .setName(HttpConnectionManagers.NAME)
                                .setTypedConfig(ProtoValues.any(manager))))
                .build();
    }

    /** The routes of one host and port, {@link GrpcRoutes#of}. The listener was asked for by name, so any authority is meant. */
    public static RouteConfiguration routes(String name, String virtualHost, List<Route> routes) {
        return RouteConfiguration.newBuilder()
                .setName(name)
                .addVirtualHosts(VirtualHost.newBuilder()
                        .setName(virtualHost)
                        .addDomains("*")
                        .addAllRoutes(routes))
                .build();
    }
}
