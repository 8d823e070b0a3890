package io.meridian.compiler.translate;

import io.meridian.model.resource.ResourceKey;
import java.util.Map;
import java.util.Set;

/**
 * For whom HTTP routes are translated.
 *
 * @param virtualService whose routes they are
 * @param gateways for which they are compiled: {@code mesh}, or names {@code namespace/name} of Gateways
 * @param port of the listener, as clients see it
 * @param sourceLabels of the proxy; empty for a gateway
 * @param sourceNamespace of the proxy
 * @param tls whether clients speak TLS to the listener, which is the scheme that a redirect starts from
 */
public record HttpRouteContext(
        ResourceKey virtualService,
        Set<String> gateways,
        int port,
        Map<String, String> sourceLabels,
        String sourceNamespace,
        boolean tls) {
    public HttpRouteContext {
        gateways = Set.copyOf(gateways);
        sourceLabels = Map.copyOf(sourceLabels);
    }
}
