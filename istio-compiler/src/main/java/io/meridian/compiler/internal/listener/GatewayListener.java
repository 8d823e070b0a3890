package io.meridian.compiler.internal.listener;

import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Fact;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.compiler.internal.service.Client;
import io.meridian.compiler.internal.service.MeshValues;
import io.meridian.compiler.translate.GatewayTls;
import io.meridian.compiler.translate.HttpConnectionManagers;
import io.meridian.compiler.translate.HttpConnectionManagers.Kind;
import io.meridian.model.istio.ServerTlsSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A gateway's listener. Empty if none of its servers has anything to do: a listener without filter chains would be refused.
 *
 * @param chains of servers of one family, the oldest first
 */
public record GatewayListener(Client client, String bind, int port, List<Chain> chains)
        implements Query<Optional<XdsResource>> {

    /** {@code routeName}: of HTTP. */
    record Chain(GatewayServer server, Optional<String> routeName) {}

    @Override
    public List<? extends Fact<?>> origins() {
        return chains.stream()
                .map(chain -> Inputs.GATEWAYS.row(chain.server().gateway()))
                .toList();
    }

    @Override
    public Optional<XdsResource> compute(Tracked view) {
        MeshSpec mesh = MeshValues.spec(view);
        String name = Listeners.name(bind, port);
        List<FilterChain> built = new ArrayList<>();
        // Two chains that match the same would be refused; the oldest keeps it. "" is the match of everything.
        Set<String> matched = new HashSet<>();
        boolean tls = false;
        for (Chain chain : chains) {
            switch (chain.server().family()) {
                case HTTP -> {
                    if (matched.add("")) {
                        built.add(http(chain, name, mesh, List.of(), Optional.empty()));
                    }
                }
                case TLS -> {
                    tls = true;
                    if (chain.server().terminatesTls()) {
                        List<String> names = unmatched(sni(chain.server().dnsNames()), matched);
                        if (!names.isEmpty()) {
                            terminated(view, chain, name, mesh, names).ifPresent(built::add);
                        }
                    } else {
                        built.addAll(new GatewayTcp(view, client, chain.server(), mesh).bySni(matched));
                    }
                }
                case TCP -> {
                    if (matched.isEmpty()) {
                        Optional<FilterChain> tcp =
                                new GatewayTcp(view, client, chain.server(), mesh).all(Optional.empty(), List.of());
                        tcp.ifPresent(found -> {
                            matched.add("");
                            built.add(found);
                        });
                    }
                }
            }
        }
        if (built.isEmpty()) {
            return Optional.empty();
        }
        Listener.Builder listener =
                Listeners.listener(bind, port, TrafficDirection.OUTBOUND, mesh).addAllFilterChains(built);
        if (tls) {
            Listeners.inspecting(listener, List.of(Listeners.TLS_INSPECTOR));
        }
        Listeners.bound(listener);
        return Optional.of(view.resource(XdsType.LISTENER, name, XdsResource.deterministic(listener.build())));
    }

    /** Empty for connections that no route takes: they are closed. */
    private Optional<FilterChain> terminated(
            Tracked view, Chain chain, String name, MeshSpec mesh, List<String> names) {
        Optional<ServerTlsSettings> tls = chain.server().server().tls();
        if (chain.routeName().isPresent()) {
            return Optional.of(http(chain, name, mesh, names, tls));
        }
        return new GatewayTcp(view, client, chain.server(), mesh).all(tls, names);
    }

    private static FilterChain http(
            Chain chain, String name, MeshSpec mesh, List<String> names, Optional<ServerTlsSettings> tls) {
        Filter manager = HttpConnectionManagers.overRds(new HttpConnectionManagers.Settings(
                Kind.GATEWAY, "outbound_" + name + ";", chain.routeName().orElse(""), mesh));
        FilterChain.Builder built =
                Listeners.chain(List.of(manager)).setTransportSocketConnectTimeout(Listeners.connectTimeout());
        match(built, names);
        tls.ifPresent(settings -> built.setTransportSocket(GatewayTls.transportSocket(settings, true)));
        return built.build();
    }

    static void match(FilterChain.Builder chain, List<String> names) {
        List<String> sni = names.stream().filter(name -> !name.isEmpty()).toList();
        if (!sni.isEmpty()) {
            chain.setFilterChainMatch(FilterChainMatch.newBuilder().addAllServerNames(sni));
        }
    }

    /** In Envoy's words: any name is no condition. */
    static List<String> sni(List<String> hosts) {
        return hosts.contains("*") ? List.of("") : hosts;
    }

    static List<String> unmatched(List<String> names, Set<String> matched) {
        return names.stream().filter(matched::add).toList();
    }
}
