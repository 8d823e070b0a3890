package io.meridian.compiler.internal.listener;

import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.route.TrackedDestinations;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.Visibility;
import io.meridian.compiler.translate.GatewayTls;
import io.meridian.compiler.translate.TcpFilters;
import io.meridian.model.istio.GatewayNames;
import io.meridian.model.istio.HostNames;
import io.meridian.model.istio.ServerTlsSettings;
import io.meridian.model.istio.VirtualService;
import io.meridian.model.istio.VirtualService.WeightedDestination;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Filter chains of a gateway's server that forwards connections as they are. Lives for one computation. */
final class GatewayTcp {
    private final Tracked view;
    private final Client client;
    private final GatewayServer server;
    private final MeshSpec mesh;
    private final int port;

    GatewayTcp(Tracked view, Client client, GatewayServer server, MeshSpec mesh) {
        this.view = view;
        this.client = client;
        this.server = server;
        this.mesh = mesh;
        this.port = server.server().port().number();
    }

    /** One for every TLS route whose names the server has; by name, no name twice. */
    List<FilterChain> bySni(Set<String> matched) {
        List<FilterChain> chains = new ArrayList<>();
        for (ResourceKey key : virtualServices()) {
            for (VirtualService.TlsRoute route : spec(key).tls()) {
                for (VirtualService.TlsMatch match : route.matches()) {
                    boolean onPort = match.port().isEmpty() || match.port().getAsInt() == port;
                    if (!route.route().isEmpty() && isMeant(onPort, match.gateways(), key)) {
                        List<String> hosts = match.sniHosts().stream()
                                .filter(host -> server.dnsNames().stream().anyMatch(own -> HostNames.covers(own, host)))
                                .toList();
                        List<String> names = GatewayListener.unmatched(GatewayListener.sni(hosts), matched);
                        if (!names.isEmpty()) {
                            chains.add(chain(key, route.route(), names, Optional.empty()));
                        }
                    }
                }
            }
        }
        return chains;
    }

    /** By the first TCP route that is for the port. */
    Optional<FilterChain> all(Optional<ServerTlsSettings> tls, List<String> names) {
        for (ResourceKey key : virtualServices()) {
            for (VirtualService.TcpRoute route : spec(key).tcp()) {
                boolean meant = route.matches().isEmpty()
                        || route.matches().stream()
                                .anyMatch(match -> isMeant(
                                        match.port().isEmpty() || match.port().getAsInt() == port,
                                        match.gateways(),
                                        key));
                if (meant && !route.route().isEmpty()) {
                    return Optional.of(chain(key, route.route(), names, tls));
                }
            }
        }
        return Optional.empty();
    }

    private List<ResourceKey> virtualServices() {
        List<ResourceKey> keys = new ArrayList<>();
        view.bucket(Inputs.GATEWAY_VIRTUAL_SERVICES, server.gatewayName()).forEach((age, ref) -> {
            if (Visibility.isVisible(ref.exportTo(), age.key().namespace(), client.namespace())) {
                keys.add(age.key());
            }
        });
        return keys;
    }

    private VirtualService spec(ResourceKey key) {
        return view.row(Inputs.VIRTUAL_SERVICES, key)
                .orElseGet(() -> new VirtualService(List.of(), List.of(), List.of(), List.of(), List.of(), List.of()));
    }

    private boolean isMeant(boolean port, List<String> gateways, ResourceKey key) {
        return port
                && (gateways.isEmpty()
                        || gateways.stream()
                                .map(name -> GatewayNames.resolve(name, key.namespace()))
                                .anyMatch(server.gatewayName()::equals));
    }

    private FilterChain chain(
            ResourceKey key, List<WeightedDestination> route, List<String> names, Optional<ServerTlsSettings> tls) {
        TrackedDestinations destinations = new TrackedDestinations(view, client, key.namespace(), port);
        String stat = destinations.cluster(route.getFirst().destination());
        Filter proxy = TcpFilters.proxy(
                stat,
                route,
                destinations::cluster,
                destinations.policy(route.getFirst().destination()),
                mesh);
        FilterChain.Builder chain =
                Listeners.chain(List.of(proxy)).setTransportSocketConnectTimeout(Listeners.connectTimeout());
        GatewayListener.match(chain, names);
        tls.ifPresent(settings -> chain.setTransportSocket(GatewayTls.transportSocket(settings, false)));
        return chain.build();
    }
}
