package io.meridian.compiler.internal.listener;

import com.google.protobuf.BoolValue;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilterChainMatchPredicate;
import io.envoyproxy.envoy.type.v3.Int32Range;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Fact;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.service.MeshValues;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.compiler.translate.TcpFilters;
import io.meridian.model.istio.Protocol;
import java.util.List;

/** The listener that a sidecar's inbound traffic is redirected to. {@code ports}: those without a listener of their own. */
public record VirtualInbound(List<InboundPort> ports, boolean transparent) implements Query<XdsResource> {
    private static final String NAME = "virtualInbound";
    static final int PORT = 15006;

    @Override
    public List<? extends Fact<?>> origins() {
        return ports.stream().flatMap(port -> port.origins().stream()).toList();
    }

    @Override
    public XdsResource compute(Tracked view) {
        MeshSpec mesh = MeshValues.spec(view);
        Listener.Builder listener = Listeners.listener(Listeners.ANY_ADDRESS, PORT, TrafficDirection.INBOUND, mesh)
                .setName(NAME)
                .addFilterChains(Listeners.chain(List.of(TcpFilters.proxy(ClusterNames.BLACK_HOLE, mesh)))
                        .setName(NAME + "-blackhole")
                        .setFilterChainMatch(FilterChainMatch.newBuilder().setDestinationPort(UInt32Value.of(PORT))))
                .addAllFilterChains(InboundChains.passthrough(NAME, mesh));
        ListenerFilterChainMatchPredicate.Builder quiet = ListenerFilterChainMatchPredicate.newBuilder();
        var rules = quiet.getOrMatchBuilder();
        rules.addRules(onPort(PORT));
        boolean tls = false;
        for (InboundPort port : ports) {
            listener.addAllFilterChains(InboundChains.of(port, mesh));
            tls |= port.tls().filter(settings -> settings.mode().terminates()).isPresent();
            if (port.protocol() != Protocol.AUTO) {
                rules.addRules(onPort(port.port()));
            }
        }
        var inspector = Listeners.HTTP_INSPECTOR.toBuilder()
                // Where the protocol is known, nobody waits for the first bytes.
                .setFilterDisabled(rules.getRulesCount() == 1 ? rules.getRules(0) : quiet.build())
                .build();
        Listeners.inspecting(
                listener,
                tls
                        ? List.of(Listeners.ORIGINAL_DST, Listeners.TLS_INSPECTOR, inspector)
                        : List.of(Listeners.ORIGINAL_DST, inspector));
        if (transparent) {
            listener.setTransparent(BoolValue.of(true));
        }
        Listeners.bound(listener);
        return view.resource(XdsType.LISTENER, NAME, XdsResource.deterministic(listener.build()));
    }

    private static ListenerFilterChainMatchPredicate onPort(int port) {
        return ListenerFilterChainMatchPredicate.newBuilder()
                .setDestinationPortRange(Int32Range.newBuilder().setStart(port).setEnd(port + 1))
                .build();
    }
}
