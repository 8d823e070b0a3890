package io.meridian.compiler.internal.listener;

import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.compiler.internal.graph.Fact;
import io.meridian.compiler.internal.graph.Query;
import io.meridian.compiler.internal.graph.Tracked;
import io.meridian.compiler.internal.service.MeshValues;
import io.meridian.model.istio.Protocol;
import java.util.List;

/** A listener of a Sidecar's ingress entry, which clients connect to. {@code port} has a bind address. */
public record BoundInbound(InboundPort port) implements Query<XdsResource> {
    @Override
    public List<? extends Fact<?>> origins() {
        return port.origins();
    }

    @Override
    public XdsResource compute(Tracked view) {
        MeshSpec mesh = MeshValues.spec(view);
        String bind = port.bind().orElse(Listeners.ANY_ADDRESS);
        Listener.Builder listener = Listeners.listener(bind, port.port(), TrafficDirection.INBOUND, mesh)
                .addAllFilterChains(InboundChains.of(port, mesh));
        Listeners.inspecting(
                listener, port.protocol() == Protocol.AUTO ? List.of(Listeners.HTTP_INSPECTOR) : List.of());
        Listeners.bound(listener);
        return view.resource(
                XdsType.LISTENER, Listeners.name(bind, port.port()), XdsResource.deterministic(listener.build()));
    }
}
