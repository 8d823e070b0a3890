package io.meridian.benchmarks;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A delta ADS client that behaves as Envoy does: wildcard clusters and listeners, then the endpoints of EDS clusters and the routes that the
 * listeners name, each response acknowledged. Its state is confined to its call's serial executor; the counters may be read from anywhere.
 */
final class XdsClient implements ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
    static final String CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    static final String EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
    static final String LDS = "type.googleapis.com/envoy.config.listener.v3.Listener";
    static final String RDS = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";

    /** Hears of each response once it is acknowledged. Must not block. */
    @FunctionalInterface
    interface Listener {
        void onResponse(XdsClient client, String typeUrl, Set<String> names, int bytes);
    }

    private final Node node;
    private final Listener listener;
    private final Map<String, Map<String, String>> versions = new HashMap<>();
    private volatile @org.jspecify.annotations.Nullable ClientCallStreamObserver<DeltaDiscoveryRequest> requests;

    XdsClient(String mesh, int number, String namespace, Listener listener) {
        this.listener = listener;
        node = Node.newBuilder()
                .setId("sidecar~10.200." + number / 250 + "." + (number % 250 + 1) + "~client-" + number + "."
                        + namespace + "~" + namespace + ".svc.cluster.local")
                .setMetadata(Struct.newBuilder()
                        .putFields("MESH_ID", text(mesh))
                        .putFields("NAMESPACE", text(namespace))
                        .putFields("CLUSTER_ID", text("k8s-1"))
                        .putFields("INTERCEPTION_MODE", text("REDIRECT"))
                        .putFields("ISTIO_VERSION", text("1.27.0")))
                .build();
    }

    private static Value text(String value) {
        return Value.newBuilder().setStringValue(value).build();
    }

    void connect(ManagedChannel channel) {
        AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(this);
        subscribe(CDS, List.of("*"), true);
    }

    void disconnect() {
        ClientCallStreamObserver<DeltaDiscoveryRequest> open = requests;
        if (open != null) {
            open.cancel("done", null);
        }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<DeltaDiscoveryRequest> stream) {
        requests = stream;
    }

    private void subscribe(String typeUrl, List<String> names, boolean first) {
        DeltaDiscoveryRequest.Builder request =
                DeltaDiscoveryRequest.newBuilder().setTypeUrl(typeUrl).addAllResourceNamesSubscribe(names);
        if (first) {
            request.setNode(node);
        }
        // What it held before a reconnect is not sent again.
        request.putAllInitialResourceVersions(versions.getOrDefault(typeUrl, Map.of()));
        send(request.build());
    }

    private void send(DeltaDiscoveryRequest request) {
        ClientCallStreamObserver<DeltaDiscoveryRequest> open = requests;
        if (open != null) {
            open.onNext(request);
        }
    }

    @Override
    public void onNext(DeltaDiscoveryResponse response) {
        String typeUrl = response.getTypeUrl();
        Map<String, String> held = versions.computeIfAbsent(typeUrl, type -> new HashMap<>());
        Set<String> names = new HashSet<>();
        Set<String> fresh = new HashSet<>();
        for (Resource resource : response.getResourcesList()) {
            names.add(resource.getName());
            if (held.put(resource.getName(), resource.getVersion()) == null) {
                fresh.add(resource.getName());
            }
        }
        held.keySet().removeAll(response.getRemovedResourcesList());
        send(DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(typeUrl)
                .setResponseNonce(response.getNonce())
                .build());
        if (typeUrl.equals(CDS)) {
            List<String> endpoints =
                    fresh.stream().filter(name -> name.startsWith("outbound|")).toList();
            if (!endpoints.isEmpty()) {
                subscribe(EDS, endpoints, false);
            }
            if (!versions.containsKey(LDS)) {
                versions.put(LDS, new HashMap<>());
                subscribe(LDS, List.of("*"), false);
            }
        } else if (typeUrl.equals(LDS) && !versions.containsKey(RDS)) {
            versions.put(RDS, new HashMap<>());
            subscribe(RDS, List.of(Integer.toString(Workload.PORT)), false);
        }
        listener.onResponse(this, typeUrl, names, response.getSerializedSize());
    }

    @Override
    public void onError(Throwable t) {
        requests = null;
    }

    @Override
    public void onCompleted() {
        requests = null;
    }
}
