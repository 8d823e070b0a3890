package io.meridian.compiler.internal.listener;

import io.meridian.compiler.internal.graph.Fact;
import io.meridian.compiler.internal.input.Inputs;
import io.meridian.model.istio.ConnectionPoolSettings;
import io.meridian.model.istio.Protocol;
import io.meridian.model.istio.ServerTlsSettings;
import io.meridian.model.resource.ResourceKey;
import java.util.List;
import java.util.Optional;

/**
 * A port on which a sidecar takes traffic for its application.
 *
 * @param port that clients' connections come in on
 * @param bind of a listener of its own; empty: traffic is redirected
 * @param upstream where the application listens; empty: where the connection was meant to go
 * @param host of the service, for traces and metadata; empty if there is none
 * @param namespace of the service
 * @param sidecar the Sidecar resource that says anything of this
 */
public record InboundPort(
        int port,
        Protocol protocol,
        Optional<String> bind,
        Optional<Upstream> upstream,
        String host,
        int servicePort,
        String namespace,
        Optional<ConnectionPoolSettings> pool,
        Optional<ServerTlsSettings> tls,
        Optional<ResourceKey> sidecar) {

    /** The fact that it is from, if an Istio resource says so. */
    public List<Fact<?>> origins() {
        return sidecar.<Fact<?>>map(Inputs.SIDECARS::row).stream().toList();
    }

    /** An IP address and port, or a {@code unix://} path and 0. */
    public record Upstream(String address, int port) {}
}
