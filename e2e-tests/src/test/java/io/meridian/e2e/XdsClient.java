package io.meridian.e2e;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A delta client of a gateway that may have bad manners. Its callbacks run on the channel's executor, one at a time. */
final class XdsClient implements ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
    private static final String PREFIX = "type.googleapis.com/envoy.config.";
    static final String CLUSTERS = PREFIX + "cluster.v3.Cluster";
    static final String ENDPOINTS = PREFIX + "endpoint.v3.ClusterLoadAssignment";
    static final String LISTENERS = PREFIX + "listener.v3.Listener";
    static final String ROUTES = PREFIX + "route.v3.RouteConfiguration";

    /** What it does with a response. */
    enum Manner {
        ACKNOWLEDGES,
        REFUSES,
        /** Reads, and says nothing. */
        SILENT,
        /** Takes the first response and then nothing more. */
        NEVER_READS
    }

    private final String node;
    private final Manner manner;
    private final CountDownLatch firstResponse = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger responses = new AtomicInteger();
    /** Name to content, of the routes that it holds. */
    final Map<String, String> routes = new ConcurrentHashMap<>();

    /** Name to version, of the routes that it holds. */
    final Map<String, String> routeVersions = new ConcurrentHashMap<>();

    /** Set before the call starts. */
    private volatile @Nullable ClientCallStreamObserver<DeltaDiscoveryRequest> requests;

    private volatile @Nullable Throwable ended;

    private XdsClient(String node, Manner manner) {
        this.node = node;
        this.manner = manner;
    }

    /** Opens a stream and asks for clusters and listeners, all of them, and for the routes of {@code port}. */
    static XdsClient connect(ManagedChannel channel, String mesh, String name, Manner manner, int port) {
        XdsClient client = new XdsClient("sidecar~10.9.0.1~" + name + ".default~default.svc.cluster.local", manner);
        AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(client);
        client.send(DeltaDiscoveryRequest.newBuilder()
                .setNode(Node.newBuilder()
                        .setId(client.node)
                        .setMetadata(Struct.newBuilder()
                                .putFields(
                                        "MESH_ID",
                                        Value.newBuilder().setStringValue(mesh).build())))
                .setTypeUrl(CLUSTERS)
                .addResourceNamesSubscribe("*"));
        client.subscribe(LISTENERS, List.of("*"));
        client.subscribe(ROUTES, List.of(Integer.toString(port)));
        return client;
    }

    String node() {
        return node;
    }

    void subscribe(String typeUrl, Iterable<String> names) {
        send(DeltaDiscoveryRequest.newBuilder().setTypeUrl(typeUrl).addAllResourceNamesSubscribe(names));
    }

    private void send(DeltaDiscoveryRequest.Builder request) {
        synchronized (this) {
            stream().onNext(request.build());
        }
    }

    private ClientCallStreamObserver<DeltaDiscoveryRequest> stream() {
        return Objects.requireNonNull(requests);
    }

    int responses() {
        return responses.get();
    }

    void cancel() {
        synchronized (this) {
            stream().cancel("gone", null);
        }
    }

    /** Waits for the first one, or the end. */
    void awaitResponse() throws InterruptedException {
        firstResponse.await();
    }

    /** Waits until the stream has ended, and tells how. */
    Throwable awaitEnd() throws InterruptedException {
        end.await();
        return Objects.requireNonNull(ended, "the gateway completes no stream");
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<DeltaDiscoveryRequest> stream) {
        requests = stream;
        stream.disableAutoRequestWithInitial(1);
    }

    @Override
    public void onNext(DeltaDiscoveryResponse response) {
        responses.incrementAndGet();
        firstResponse.countDown();
        DeltaDiscoveryRequest.Builder answer = DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(response.getTypeUrl())
                .setResponseNonce(response.getNonce());
        switch (manner) {
            case ACKNOWLEDGES -> {
                if (response.getTypeUrl().equals(ROUTES)) {
                    for (Resource resource : response.getResourcesList()) {
                        routeVersions.put(resource.getName(), resource.getVersion());
                        routes.put(
                                resource.getName(),
                                resource.getResource().getValue().toStringUtf8());
                    }
                }
                send(answer);
                if (response.getTypeUrl().equals(CLUSTERS)) {
                    subscribe(
                            ENDPOINTS,
                            response.getResourcesList().stream()
                                    .map(Resource::getName)
                                    .filter(name -> name.startsWith("outbound|"))
                                    .toList());
                }
            }
            case REFUSES ->
                send(answer.setErrorDetail(Status.newBuilder().setCode(13).setMessage("I want none of it")));
            case SILENT -> {}
            case NEVER_READS -> {
                return;
            }
        }
        stream().request(1);
    }

    @Override
    public void onError(Throwable error) {
        ended = error;
        firstResponse.countDown();
        end.countDown();
    }

    @Override
    public void onCompleted() {
        end.countDown();
    }
}
