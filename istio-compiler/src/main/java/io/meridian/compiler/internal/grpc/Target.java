package io.meridian.compiler.internal.grpc;

import io.meridian.compiler.internal.input.ServiceKey;
import io.meridian.compiler.translate.ClusterNames;
import io.meridian.model.resource.ResourceKey;
import java.util.Optional;

/**
 * A port of a service that a channel can be made to.
 *
 * @param virtualService that routes it, if any
 */
record Target(ServiceKey service, int port, Optional<ResourceKey> virtualService) {
    String host() {
        return service.host();
    }

    /** Of the route configuration, as Istio: that of the service's cluster. */
    String routeName() {
        return ClusterNames.outbound(port, "", host());
    }
}
