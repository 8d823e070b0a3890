package io.meridian.compiler.internal.listener;

import com.google.protobuf.BoolValue;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.service.MeshValues;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.compiler.translate.TcpFilters;
import java.util.List;

/** The listener that a sidecar's outbound traffic is redirected to; it hands connections on to those of their destinations. */
public record VirtualOutbound(boolean transparent, boolean passesUnknown) implements Query<XdsResource> {
    private static final String NAME = "virtualOutbound";
    static final int PORT = 15001;

    @Override
    public XdsResource compute(Tracked view) {
        MeshSpec mesh = MeshValues.spec(view);
        String cluster = passesUnknown ? ClusterNames.PASSTHROUGH : ClusterNames.BLACK_HOLE;
        Listener.Builder listener = Listeners.listener(Listeners.ANY_ADDRESS, PORT, TrafficDirection.OUTBOUND, mesh)
                .setName(NAME)
                .setUseOriginalDst(BoolValue.of(true))
                // Whoever connects to the port itself would go round in circles.
                .addFilterChains(Listeners.chain(List.of(TcpFilters.proxy(ClusterNames.BLACK_HOLE, mesh)))
                        .setName(NAME + "-blackhole")
                        .setFilterChainMatch(FilterChainMatch.newBuilder().setDestinationPort(UInt32Value.of(PORT))))
                .addFilterChains(Listeners.chain(List.of(TcpFilters.proxy(cluster, mesh)))
                        .setName(NAME + "-catchall-tcp"));
        if (transparent) {
            listener.setTransparent(BoolValue.of(true));
        }
        Listeners.bound(listener);
        return view.resource(XdsType.LISTENER, NAME, XdsResource.deterministic(listener.build()));
    }
}
