package io.meridian.gateway.internal.warm;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.meridian.compiler.XdsType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Of the delta variant. */
final class WarmDeltaClient extends WarmClient<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
    WarmDeltaClient(Node node) {
        super(node, AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod());
    }

    @Override
    DeltaDiscoveryRequest first(XdsType type, List<String> names, Node as) {
        DeltaDiscoveryRequest.Builder request = DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(type.typeUrl())
                .addAllResourceNamesSubscribe(names)
                .putAllInitialResourceVersions(held(type));
        if (!as.getId().isEmpty()) {
            request.setNode(as);
        }
        return request.build();
    }

    @Override
    @Nullable
    XdsType take(DeltaDiscoveryResponse response) {
        XdsType type = XdsType.ofTypeUrl(response.getTypeUrl()).orElse(null);
        if (type == null) {
            return null;
        }
        Map<String, String> held = held(type);
        response.getResourcesList().forEach(resource -> held.put(resource.getName(), resource.getVersion()));
        response.getRemovedResourcesList().forEach(held::remove);
        send(DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(response.getTypeUrl())
                .setResponseNonce(response.getNonce())
                .build());
        return type;
    }

    @Override
    void moreEndpoints(List<String> fresh) {
        send(DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(XdsType.ENDPOINT.typeUrl())
                .addAllResourceNamesSubscribe(fresh)
                .build());
    }
}
