package io.meridian.compiler.internal.listener;

import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.service.MeshValues;
import io.meridian.compiler.translate.HttpConnectionManagers;
import io.meridian.compiler.translate.HttpConnectionManagers.Kind;
import io.meridian.compiler.translate.TcpFilters;
import java.util.List;
import java.util.Optional;

/**
 * A sidecar's outbound listener for HTTP.
 *
 * @param bindsToPort whether applications connect to it; else traffic is redirected
 * @param passesUnknown whether redirected connections that are no HTTP go where they were meant to
 * @param otherwise the cluster of connections that are no HTTP, where one service alone is meant
 */
record HttpListener(
        String bind, int port, boolean bindsToPort, String routeName, boolean passesUnknown, Optional<String> otherwise)
        implements Query<XdsResource> {
    @Override
    public XdsResource compute(Tracked view) {
        MeshSpec mesh = MeshValues.spec(view);
        String name = Listeners.name(bind, port);
        Filter manager = HttpConnectionManagers.overRds(
                new HttpConnectionManagers.Settings(Kind.SIDECAR_OUTBOUND, "outbound_" + name + ";", routeName, mesh));
        var chain = Listeners.chain(List.of(manager)).setTransportSocketConnectTimeout(Listeners.connectTimeout());
        Listener.Builder listener = Listeners.listener(bind, port, TrafficDirection.OUTBOUND, mesh);
        if (bindsToPort) {
            Listeners.inspecting(listener, List.of());
            Listeners.bound(listener);
        } else {
            chain.setFilterChainMatch(Listeners.PLAIN_HTTP);
            listener.setDefaultFilterChain(otherwise
                    .map(cluster -> Listeners.chain(List.of(TcpFilters.proxy(cluster, mesh)))
                            .build())
                    .orElseGet(() -> Listeners.unknown(passesUnknown, mesh)));
            Listeners.inspecting(listener, List.of(Listeners.HTTP_INSPECTOR));
            Listeners.redirected(listener);
        }
        listener.addFilterChains(chain);
        return view.resource(XdsType.LISTENER, name, XdsResource.deterministic(listener.build()));
    }
}
