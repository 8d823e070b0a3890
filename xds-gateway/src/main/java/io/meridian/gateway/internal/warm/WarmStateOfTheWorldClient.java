package io.meridian.gateway.internal.warm;

import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.meridian.compiler.XdsType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Of the state-of-the-world variant. */
final class WarmStateOfTheWorldClient extends WarmClient<DiscoveryRequest, DiscoveryResponse> {
    private final Map<XdsType, String> versions = new EnumMap<>(XdsType.class);
    private final Map<XdsType, List<String>> wanted = new EnumMap<>(XdsType.class);
    private String endpointsNonce = "";

    WarmStateOfTheWorldClient(Node node) {
        super(node, AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod());
    }

    @Override
    DiscoveryRequest first(XdsType type, List<String> names, Node as) {
        wanted.put(type, names);
        DiscoveryRequest.Builder request = request(type);
        if (!as.getId().isEmpty()) {
            request.setNode(as);
        }
        return request.build();
    }

    private DiscoveryRequest.Builder request(XdsType type) {
        return DiscoveryRequest.newBuilder()
                .setTypeUrl(type.typeUrl())
                .setVersionInfo(versions.getOrDefault(type, ""))
                .addAllResourceNames(wanted.getOrDefault(type, List.of()));
    }

    @Override
    @Nullable
    XdsType take(DiscoveryResponse response) {
        XdsType type = XdsType.ofTypeUrl(response.getTypeUrl()).orElse(null);
        if (type == null) {
            return null;
        }
        Map<String, String> held = held(type);
        if (type.completeInStateOfTheWorld()) {
            held.clear();
        }
        response.getResourcesList().forEach(resource -> held.put(nameOf(resource), ""));
        versions.put(type, response.getVersionInfo());
        if (type == XdsType.ENDPOINT) {
            endpointsNonce = response.getNonce();
        }
        send(request(type).setResponseNonce(response.getNonce()).build());
        return type;
    }

    @Override
    void moreEndpoints(List<String> fresh) {
        List<String> all = held(XdsType.CLUSTER).keySet().stream()
                .filter(name -> fresh.contains(name) || held(XdsType.ENDPOINT).containsKey(name))
                .toList();
        wanted.put(XdsType.ENDPOINT, all);
        send(request(XdsType.ENDPOINT).setResponseNonce(endpointsNonce).build());
    }

    /** The first field of clusters, assignments, listeners and route configurations is their name. */
    private static String nameOf(Any resource) {
        try {
            CodedInputStream in = resource.getValue().newCodedInput();
            return WireFormat.getTagFieldNumber(in.readTag()) == 1 ? in.readString() : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
