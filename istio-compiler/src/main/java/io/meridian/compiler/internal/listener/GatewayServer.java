package io.meridian.compiler.internal.listener;

import io.meridian.model.istio.Gateway;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayList;
import java.util.List;

/** A server of a Gateway with where it stands. */
public record GatewayServer(ResourceKey gateway, Gateway.Server server) {
    /** As VirtualServices name it. */
    public String gatewayName() {
        return gateway.namespace() + "/" + gateway.name();
    }

    /** Its hosts without the namespaces that narrow them. */
    List<String> dnsNames() {
        List<String> names = new ArrayList<>();
        for (String host : server.hosts()) {
            names.add(host.substring(host.indexOf('/') + 1));
        }
        return names;
    }

    boolean terminatesTls() {
        return server.port().protocol().isTls()
                && server.tls().filter(tls -> tls.mode().terminates()).isPresent();
    }

    /** How clients speak to the port: servers on one address and port must agree. */
    Family family() {
        if (server.port().protocol().isHttp()) {
            return Family.HTTP;
        }
        return server.port().protocol().isTls() ? Family.TLS : Family.TCP;
    }

    enum Family {
        HTTP,
        TLS,
        TCP
    }
}
