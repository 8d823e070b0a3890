package io.meridian.compiler.internal.listener;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.compiler.translate.GatewayTls;
import io.meridian.compiler.translate.HttpConnectionManagers;
import io.meridian.compiler.translate.HttpConnectionManagers.Kind;
import io.meridian.compiler.translate.HttpRouteTranslation;
import io.meridian.compiler.translate.RouteConfigurations;
import io.meridian.compiler.translate.TcpFilters;
import io.meridian.model.istio.Protocol;
import io.meridian.model.istio.ServerTlsSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The filter chains of a sidecar's inbound port: HTTP, opaque, or both where the first bytes decide. */
final class InboundChains {
    private InboundChains() {}

    static List<FilterChain> of(InboundPort port, MeshSpec mesh) {
        String bind = port.bind().orElse(Listeners.ANY_ADDRESS);
        String name = Listeners.name(bind, port.port());
        Optional<ServerTlsSettings> tls =
                port.tls().filter(settings -> settings.mode().terminates());
        boolean redirected = port.bind().isEmpty();
        List<FilterChain> chains = new ArrayList<>();
        if (port.protocol().isHttp() || port.protocol() == Protocol.AUTO) {
            FilterChainMatch.Builder match = port.protocol() == Protocol.AUTO && tls.isEmpty()
                    ? Listeners.PLAIN_HTTP.toBuilder()
                    : FilterChainMatch.newBuilder();
            chains.add(chain(name, http(port, name, mesh), match, port, redirected, tls));
        }
        if (!port.protocol().isHttp() && (port.protocol() != Protocol.AUTO || tls.isEmpty())) {
            Filter proxy = TcpFilters.proxy(ClusterNames.inbound(port.port()), mesh);
            chains.add(chain(name, proxy, FilterChainMatch.newBuilder(), port, redirected, tls));
        }
        return chains;
    }

    private static FilterChain chain(
            String name,
            Filter filter,
            FilterChainMatch.Builder match,
            InboundPort port,
            boolean redirected,
            Optional<ServerTlsSettings> tls) {
        FilterChain.Builder chain = Listeners.chain(List.of(filter)).setName(name);
        if (redirected) {
            match.setDestinationPort(UInt32Value.of(port.port()));
            if (tls.isEmpty()) {
                match.setTransportProtocol("raw_buffer");
            }
        }
        if (!match.build().equals(FilterChainMatch.getDefaultInstance())) {
            chain.setFilterChainMatch(match);
        }
        tls.ifPresent(settings -> chain.setTransportSocket(
                GatewayTls.transportSocket(settings, port.protocol().isHttp())));
        return chain.build();
    }

    private static Filter http(InboundPort port, String name, MeshSpec mesh) {
        String cluster = ClusterNames.inbound(port.port());
        var route = HttpRouteTranslation.inboundRoute(cluster, port.host() + ":" + port.servicePort() + "/*");
        return HttpConnectionManagers.inline(
                new HttpConnectionManagers.Settings(Kind.SIDECAR_INBOUND, "inbound_" + name + ";", "", mesh),
                RouteConfigurations.inbound(cluster, "inbound|http|" + port.servicePort(), route));
    }

    /** For ports that nobody spoke of: to where the connection was meant to go. */
    static List<FilterChain> passthrough(String name, MeshSpec mesh) {
        String cluster = ClusterNames.INBOUND_PASSTHROUGH;
        Filter http = HttpConnectionManagers.inline(
                new HttpConnectionManagers.Settings(Kind.SIDECAR_INBOUND, cluster + ";", "", mesh),
                RouteConfigurations.inbound(
                        cluster, "inbound|http|0", HttpRouteTranslation.inboundRoute(cluster, ":0/*")));
        return List.of(
                Listeners.chain(List.of(http))
                        .setName(name + "-catchall-http")
                        .setFilterChainMatch(Listeners.PLAIN_HTTP)
                        .build(),
                Listeners.chain(List.of(TcpFilters.proxy(cluster, mesh)))
                        .setName(name)
                        .setFilterChainMatch(FilterChainMatch.newBuilder().setTransportProtocol("raw_buffer"))
                        .build());
    }
}
