package io.meridian.gateway.internal.warm;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.meridian.compiler.XdsType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A client that behaves as an Envoy does: all clusters and listeners, then the endpoints of its clusters and the routes, each response
 * acknowledged; when it comes back it says what it holds. Waits for nothing: what it is not sent it goes without.
 *
 * <p>While it is connected its state is its channel's event loop's; {@link #connect} may be called only when the stream before has ended.
 */
abstract sealed class WarmClient<Q, R> permits WarmDeltaClient, WarmStateOfTheWorldClient {
    private static final List<String> ROUTES = List.of(Integer.toString(WarmMesh.PORT));
    /** Of clusters that have their endpoints by discovery. */
    private static final String WITH_ENDPOINTS = "outbound|";

    private final Node node;
    private final MethodDescriptor<Q, R> method;
    /** Name to version, in order. */
    private final Map<XdsType, Map<String, String>> held = new EnumMap<>(XdsType.class);

    private final Set<XdsType> asked = EnumSet.noneOf(XdsType.class);
    private @Nullable ClientCall<Q, R> call;

    WarmClient(Node node, MethodDescriptor<Q, R> method) {
        this.node = node;
        this.method = method;
        for (XdsType type : XdsType.values()) {
            held.put(type, new TreeMap<>());
        }
    }

    static Node node(int number) {
        String namespace = WarmMesh.namespace(number);
        return Node.newBuilder()
                .setId("sidecar~10.200." + number / 250 + "." + (number % 250 + 1) + "~client-" + number + "."
                        + namespace + "~" + namespace + ".svc.cluster.local")
                .setMetadata(Struct.newBuilder()
                        .putFields("MESH_ID", text(WarmMesh.ID.value()))
                        .putFields("NAMESPACE", text(namespace))
                        .putFields("CLUSTER_ID", text(WarmMesh.CLUSTER))
                        .putFields("INTERCEPTION_MODE", text("REDIRECT"))
                        .putFields("ISTIO_VERSION", text("1.27.0")))
                .build();
    }

    private static Value text(String value) {
        return Value.newBuilder().setStringValue(value).build();
    }

    final void connect(ManagedChannel channel) {
        asked.clear();
        ClientCall<Q, R> next = channel.newCall(method, CallOptions.DEFAULT);
        call = next;
        next.start(new Responses(), new Metadata());
        // All that is sent before the first response can come: from then on the state is the event loop's.
        next.sendMessage(first(XdsType.CLUSTER, List.of(), node));
        asked.add(XdsType.CLUSTER);
        if (!held(XdsType.CLUSTER).isEmpty()) {
            ask(XdsType.ENDPOINT, List.copyOf(held(XdsType.ENDPOINT).keySet()));
            ask(XdsType.LISTENER, List.of());
            ask(XdsType.ROUTE, ROUTES);
        }
        next.request(1);
    }

    final void disconnect() {
        ClientCall<Q, R> open = call;
        if (open != null) {
            open.cancel("done", null);
        }
    }

    /** Of one type, name to version. */
    final Map<String, String> held(XdsType type) {
        return held.getOrDefault(type, Map.of());
    }

    private void ask(XdsType type, List<String> names) {
        if (asked.add(type)) {
            send(first(type, names, Node.getDefaultInstance()));
        }
    }

    final void send(Q request) {
        ClientCall<Q, R> open = call;
        if (open != null) {
            open.sendMessage(request);
        }
    }

    /** The first request for a type on a stream; no names: all. */
    abstract Q first(XdsType type, List<String> names, Node as);

    /** Notes what it was told, and acknowledges it; null if that is of a type that it does not know. */
    abstract @Nullable XdsType take(R response);

    /** It knows of more clusters now: {@code fresh} are those whose endpoints it has yet to ask for. */
    abstract void moreEndpoints(List<String> fresh);

    private void taken(XdsType type) {
        switch (type) {
            case CLUSTER -> {
                List<String> fresh = new ArrayList<>();
                for (String name : held(XdsType.CLUSTER).keySet()) {
                    if (name.startsWith(WITH_ENDPOINTS)
                            && !held(XdsType.ENDPOINT).containsKey(name)) {
                        fresh.add(name);
                    }
                }
                if (!asked.contains(XdsType.ENDPOINT)) {
                    ask(XdsType.ENDPOINT, fresh);
                } else if (!fresh.isEmpty()) {
                    moreEndpoints(fresh);
                }
                ask(XdsType.LISTENER, List.of());
            }
            case LISTENER -> ask(XdsType.ROUTE, ROUTES);
            case ENDPOINT, ROUTE, SECRET -> {}
        }
    }

    private final class Responses extends ClientCall.Listener<R> {
        @Override
        public void onMessage(R response) {
            XdsType type = take(response);
            if (type != null) {
                taken(type);
            }
            ClientCall<Q, R> open = call;
            if (open != null) {
                open.request(1);
            }
        }

        /** However it ends: whoever waits for this client looks at the server. */
        @Override
        public void onClose(Status status, Metadata trailers) {}
    }
}
