package io.meridian.benchmarks;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An ADS client that behaves as Envoy does: wildcard clusters and listeners, then the endpoints of its clusters and the routes that its
 * listeners name, each response acknowledged. Its state is confined to its channel's event loop.
 */
final class XdsClient {
    static final String CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    static final String EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
    static final String LDS = "type.googleapis.com/envoy.config.listener.v3.Listener";
    static final String RDS = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
    private static final String WILDCARD = "*";

    /** What it does with responses. */
    enum Manner {
        ACKNOWLEDGES,
        /** Refuses every one. */
        REFUSES,
        /** Asks, and then takes nothing from the connection. */
        NEVER_READS
    }

    /** What a client is. Immutable. */
    record Identity(int number, String mesh, String namespace, Map<String, String> labels) {
        Node node() {
            Struct.Builder metadata = Struct.newBuilder()
                    .putFields("MESH_ID", text(mesh))
                    .putFields("NAMESPACE", text(namespace))
                    .putFields("CLUSTER_ID", text("k8s-1"))
                    .putFields("INTERCEPTION_MODE", text("REDIRECT"))
                    .putFields("ISTIO_VERSION", text("1.27.0"));
            if (!labels.isEmpty()) {
                Struct.Builder own = Struct.newBuilder();
                labels.forEach((key, value) -> own.putFields(key, text(value)));
                metadata.putFields(
                        "LABELS", Value.newBuilder().setStructValue(own).build());
            }
            return Node.newBuilder()
                    .setId("sidecar~10." + (200 + number / 62_500) + "." + number / 250 % 250 + "." + (number % 250 + 1)
                            + "~client-" + number + "." + namespace + "~" + namespace + ".svc.cluster.local")
                    .setMetadata(metadata)
                    .build();
        }

        private static Value text(String value) {
            return Value.newBuilder().setStringValue(value).build();
        }
    }

    /** Hears of each response once it is answered. Must not block. */
    @FunctionalInterface
    interface Listener {
        void onResponse(XdsClient client, XdsResponse response);
    }

    private final Identity identity;
    private final boolean delta;
    private final Manner manner;
    private final Listener listener;
    /** By type, name to version; what it holds and comes back with. */
    private Map<String, Map<String, String>> held = new HashMap<>();
    /** State of the world, by type: the version that was acknowledged last. */
    private final Map<String, String> versions = new HashMap<>();

    private volatile @Nullable Call<?> stream;
    private volatile @Nullable Status ended;

    XdsClient(Identity identity, boolean delta, Manner manner, Listener listener) {
        this.identity = identity;
        this.delta = delta;
        this.manner = manner;
        this.listener = listener;
    }

    Identity identity() {
        return identity;
    }

    /** How its stream ended; null while it has not. */
    @Nullable
    Status ended() {
        return ended;
    }

    void connect(ManagedChannel channel) {
        ended = null;
        Call<?> call = delta ? new DeltaStream(channel) : new StateOfTheWorldStream(channel);
        stream = call;
        call.open();
    }

    void disconnect() {
        Call<?> open = stream;
        if (open != null) {
            open.cancel();
        }
    }

    /** As if it were another that never held anything. Call while it is not connected. */
    void forget() {
        held = new HashMap<>();
        versions.clear();
    }

    private Map<String, String> held(String typeUrl) {
        return held.computeIfAbsent(typeUrl, type -> new HashMap<>());
    }

    /** Its end of a call. */
    private abstract class Call<Q> extends ClientCall.Listener<XdsResponse> {
        private final ClientCall<Q, XdsResponse> call;
        private boolean first = true;

        Call(ManagedChannel channel, MethodDescriptor<Q, XdsResponse> method) {
            call = channel.newCall(method, CallOptions.DEFAULT);
        }

        final void open() {
            call.start(this, new Metadata());
            // Made before the first answer can come: from then on the state is the event loop's.
            List<Q> requests = firstRequests();
            if (manner != Manner.NEVER_READS) {
                call.request(1);
            }
            requests.forEach(this::send);
        }

        /** Without what it held only that for clusters; else all that it needs, as it knows already. */
        abstract List<Q> firstRequests();

        /** The node goes with the first request only. */
        final boolean takeFirst() {
            boolean was = first;
            first = false;
            return was;
        }

        final void send(Q request) {
            call.sendMessage(request);
        }

        @Override
        public final void onMessage(XdsResponse response) {
            take(response);
            call.request(1);
            listener.onResponse(XdsClient.this, response);
        }

        abstract void take(XdsResponse response);

        @Override
        public final void onClose(Status status, Metadata trailers) {
            ended = status;
        }

        final void cancel() {
            call.cancel("done", null);
        }
    }

    private static List<String> referredTo(XdsResponse clusters) {
        return clusters.names().stream()
                .filter(name -> name.startsWith("outbound|"))
                .toList();
    }

    private static final List<String> ROUTES = List.of(Integer.toString(Workload.PORT));

    private final class DeltaStream extends Call<DeltaDiscoveryRequest> {
        private boolean listenersAsked;
        private boolean routesAsked;

        DeltaStream(ManagedChannel channel) {
            super(
                    channel,
                    AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod().toBuilder(
                                    AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod()
                                            .getRequestMarshaller(),
                                    XdsResponse.DELTA)
                            .build());
        }

        @Override
        List<DeltaDiscoveryRequest> firstRequests() {
            List<DeltaDiscoveryRequest> requests = new ArrayList<>();
            requests.add(subscription(CDS, List.of(WILDCARD), true));
            if (!held(CDS).isEmpty()) {
                listenersAsked = true;
                routesAsked = true;
                requests.add(subscription(EDS, List.copyOf(held(EDS).keySet()), true));
                requests.add(subscription(LDS, List.of(WILDCARD), true));
                requests.add(subscription(RDS, List.copyOf(held(RDS).keySet()), true));
            }
            return requests;
        }

        private DeltaDiscoveryRequest subscription(String typeUrl, List<String> names, boolean withVersions) {
            DeltaDiscoveryRequest.Builder request =
                    DeltaDiscoveryRequest.newBuilder().setTypeUrl(typeUrl).addAllResourceNamesSubscribe(names);
            if (takeFirst()) {
                request.setNode(identity.node());
            }
            if (withVersions) {
                request.putAllInitialResourceVersions(held(typeUrl));
            }
            return request.build();
        }

        @Override
        void take(XdsResponse response) {
            String typeUrl = response.typeUrl();
            Map<String, String> known = held(typeUrl);
            DeltaDiscoveryRequest.Builder answer =
                    DeltaDiscoveryRequest.newBuilder().setTypeUrl(typeUrl).setResponseNonce(response.nonce());
            if (manner == Manner.REFUSES) {
                answer.getErrorDetailBuilder().setCode(13).setMessage("refused by a benchmark");
                send(answer.build());
                return;
            }
            List<String> fresh = new ArrayList<>();
            for (int i = 0; i < response.names().size(); i++) {
                String name = response.names().get(i);
                if (known.put(name, response.versions().get(i)) == null && name.startsWith("outbound|")) {
                    fresh.add(name);
                }
            }
            response.removed().forEach(known::remove);
            send(answer.build());
            if (typeUrl.equals(CDS)) {
                if (!fresh.isEmpty()) {
                    send(subscription(EDS, fresh, false));
                }
                if (!listenersAsked) {
                    listenersAsked = true;
                    send(subscription(LDS, List.of(WILDCARD), false));
                }
            } else if (typeUrl.equals(LDS) && !routesAsked) {
                routesAsked = true;
                send(subscription(RDS, ROUTES, false));
            }
        }
    }

    private final class StateOfTheWorldStream extends Call<DiscoveryRequest> {
        private final Map<String, String> nonces = new HashMap<>();
        private final Map<String, List<String>> wanted = new HashMap<>();

        StateOfTheWorldStream(ManagedChannel channel) {
            super(
                    channel,
                    AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod().toBuilder(
                                    AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod()
                                            .getRequestMarshaller(),
                                    XdsResponse.STATE_OF_THE_WORLD)
                            .build());
        }

        @Override
        List<DiscoveryRequest> firstRequests() {
            List<DiscoveryRequest> requests = new ArrayList<>();
            requests.add(asking(CDS, List.of()));
            if (!held(CDS).isEmpty()) {
                requests.add(asking(EDS, List.copyOf(new TreeSet<>(held(EDS).keySet()))));
                requests.add(asking(LDS, List.of()));
                requests.add(asking(RDS, List.copyOf(held(RDS).keySet())));
            }
            return requests;
        }

        private DiscoveryRequest asking(String typeUrl, List<String> names) {
            wanted.put(typeUrl, names);
            return request(typeUrl, false);
        }

        private DiscoveryRequest request(String typeUrl, boolean refused) {
            DiscoveryRequest.Builder request = DiscoveryRequest.newBuilder()
                    .setTypeUrl(typeUrl)
                    .addAllResourceNames(wanted.getOrDefault(typeUrl, List.of()))
                    .setVersionInfo(versions.getOrDefault(typeUrl, ""))
                    .setResponseNonce(nonces.getOrDefault(typeUrl, ""));
            if (takeFirst()) {
                request.setNode(identity.node());
            }
            if (refused) {
                request.getErrorDetailBuilder().setCode(13).setMessage("refused by a benchmark");
            }
            return request.build();
        }

        @Override
        void take(XdsResponse response) {
            String typeUrl = response.typeUrl();
            nonces.put(typeUrl, response.nonce());
            if (manner == Manner.REFUSES) {
                send(request(typeUrl, true));
                return;
            }
            versions.put(typeUrl, response.version());
            Map<String, String> known = held(typeUrl);
            if (typeUrl.equals(CDS) || typeUrl.equals(LDS)) {
                known.keySet().retainAll(response.names());
            }
            response.names().forEach(name -> known.put(name, ""));
            send(request(typeUrl, false));
            if (typeUrl.equals(CDS)) {
                List<String> endpoints = referredTo(response);
                if (!endpoints.equals(wanted.get(EDS))) {
                    send(asking(EDS, endpoints));
                }
                if (!wanted.containsKey(LDS)) {
                    send(asking(LDS, List.of()));
                }
            } else if (typeUrl.equals(LDS) && !wanted.containsKey(RDS)) {
                send(asking(RDS, ROUTES));
            }
        }
    }
}
