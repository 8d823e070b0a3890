package io.meridian.chaos.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One delta ADS stream of a sidecar: clusters, listeners and the routes of the registers' port, all acknowledged. Callbacks run on the
 * channel's executor, one at a time.
 */
final class AdsStream implements ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
    private static final String PREFIX = "type.googleapis.com/envoy.config.";
    private static final String CLUSTERS = PREFIX + "cluster.v3.Cluster";
    private static final String LISTENERS = PREFIX + "listener.v3.Listener";
    private static final String ROUTES = PREFIX + "route.v3.RouteConfiguration";
    private static final String ROUTES_NAME = Integer.toString(Register.PORT);
    private static final List<String> EVERYTHING = List.of("*");

    private final Consumer<Map<String, Long>> routes;
    /** By type and name: the version of what it holds. */
    private final Map<String, Map<String, String>> held;

    private final CountDownLatch end = new CountDownLatch(1);
    /** Set before the call starts. */
    private @Nullable ClientCallStreamObserver<DeltaDiscoveryRequest> requests;

    private volatile @Nullable RuntimeException failure;

    private AdsStream(Map<String, Map<String, String>> held, Consumer<Map<String, Long>> routes) {
        this.held = held;
        this.routes = routes;
    }

    /** A proxy that holds nothing. {@code routes} is told what the routes say whenever they are served. */
    static AdsStream begin(ManagedChannel channel, String node, String mesh, Consumer<Map<String, Long>> routes) {
        return open(channel, node, mesh, new ConcurrentHashMap<>(), routes);
    }

    /** A proxy that holds what it was given on the stream before, which has ended. */
    static AdsStream resume(
            ManagedChannel channel, String node, String mesh, AdsStream before, Consumer<Map<String, Long>> routes) {
        Map<String, Map<String, String>> held = new ConcurrentHashMap<>();
        before.held.forEach((type, versions) -> held.put(type, new ConcurrentHashMap<>(versions)));
        return open(channel, node, mesh, held, routes);
    }

    private static AdsStream open(
            ManagedChannel channel,
            String node,
            String mesh,
            Map<String, Map<String, String>> held,
            Consumer<Map<String, Long>> routes) {
        AdsStream stream = new AdsStream(held, routes);
        AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(stream);
        stream.send(stream.subscription(CLUSTERS, EVERYTHING)
                .setNode(Node.newBuilder()
                        .setId(node)
                        .setMetadata(Struct.newBuilder()
                                .putFields(
                                        "MESH_ID",
                                        Value.newBuilder().setStringValue(mesh).build()))));
        stream.send(stream.subscription(LISTENERS, EVERYTHING));
        stream.send(stream.subscription(ROUTES, List.of(ROUTES_NAME)));
        return stream;
    }

    private DeltaDiscoveryRequest.Builder subscription(String type, List<String> names) {
        return DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(type)
                .addAllResourceNamesSubscribe(names)
                .putAllInitialResourceVersions(held.getOrDefault(type, Map.of()));
    }

    private synchronized void send(DeltaDiscoveryRequest.Builder request) {
        if (requests != null) {
            requests.onNext(request.build());
        }
    }

    /**
     * Whether it has ended before {@code limit} was over.
     *
     * @throws IllegalStateException if what was served could not be taken
     */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        boolean ended = end.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        RuntimeException cause = failure;
        if (cause != null) {
            throw new IllegalStateException("what was served could not be taken: " + cause, cause);
        }
        return ended;
    }

    /** Returns once nothing comes any more. */
    void cancel() throws InterruptedException {
        synchronized (this) {
            if (requests != null) {
                requests.cancel("the proxy ends", null);
            }
        }
        end.await();
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<DeltaDiscoveryRequest> stream) {
        requests = stream;
    }

    @Override
    public void onNext(DeltaDiscoveryResponse response) {
        try {
            take(response);
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
    }

    private void take(DeltaDiscoveryResponse response) {
        Map<String, String> versions = held.computeIfAbsent(response.getTypeUrl(), type -> new ConcurrentHashMap<>());
        for (Resource resource : response.getResourcesList()) {
            versions.put(resource.getName(), resource.getVersion());
        }
        response.getRemovedResourcesList().forEach(versions::remove);
        if (response.getTypeUrl().equals(ROUTES)) {
            if (response.getRemovedResourcesList().contains(ROUTES_NAME)) {
                routes.accept(Map.of());
            }
            response.getResourcesList().stream()
                    .filter(resource -> resource.getName().equals(ROUTES_NAME))
                    .forEach(resource -> routes.accept(values(resource)));
        }
        send(DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(response.getTypeUrl())
                .setResponseNonce(response.getNonce()));
    }

    private static Map<String, Long> values(Resource resource) {
        Map<String, Long> values = new HashMap<>();
        try {
            resource.getResource().unpack(RouteConfiguration.class).getVirtualHostsList().stream()
                    .flatMap(host -> host.getDomainsList().stream())
                    .flatMap(domain -> Register.set(domain).stream())
                    .forEach(set -> {
                        Long other = values.putIfAbsent(set.key(), set.value());
                        if (other != null && other != set.value()) {
                            // No state has that: the judgement will say so.
                            values.put(set.key() + " as well", set.value());
                        }
                    });
            return values;
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("unreadable routes", e);
        }
    }

    @Override
    public void onError(Throwable error) {
        end.countDown();
    }

    @Override
    public void onCompleted() {
        end.countDown();
    }
}
