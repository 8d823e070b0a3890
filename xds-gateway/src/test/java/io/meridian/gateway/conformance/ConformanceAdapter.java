package io.meridian.gateway.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.grpc.ManagedChannel;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryWorkload;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.Gateway;
import io.meridian.gateway.GatewaySettings;
import io.meridian.gateway.fixture.TestCore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A real gateway whose resources come from outside. As a program it says {@code xds=HOST:PORT} and then takes one command per line on its
 * standard input, each answered by a line {@code ok} or {@code error: ...}:
 *
 * <pre>
 * {"put": {"@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": "a", ...}}
 * {"remove": {"type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": "a"}}
 * {"clear": {}}
 * </pre>
 */
public final class ConformanceAdapter implements AutoCloseable {
    private static final String MESH = "raw";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonFormat.Parser PROTO_JSON = JsonFormat.parser()
            .usingTypeRegistry(JsonFormat.TypeRegistry.newBuilder()
                    .add(List.of(
                            Cluster.getDescriptor(),
                            ClusterLoadAssignment.getDescriptor(),
                            Listener.getDescriptor(),
                            RouteConfiguration.getDescriptor(),
                            Secret.getDescriptor(),
                            HttpConnectionManager.getDescriptor(),
                            Router.getDescriptor()))
                    .build());

    private final TestCore core = new TestCore().withMesh(MESH);
    private final RawResources resources = new RawResources(core.head(MESH));
    private final ManagedChannel feed = core.channel();
    private final Gateway gateway;
    private int changes;

    /** {@code port} 0: the system's choice. */
    public ConformanceAdapter(int port) throws IOException {
        GatewaySettings settings = new GatewaySettings(
                "conformance",
                "conformance",
                "127.0.0.1",
                port,
                Optional.empty(),
                GatewaySettings.of("conformance", "conformance", "127.0.0.1", port, java.nio.file.Path.of("."))
                        .limits());
        gateway = Gateway.start(settings, feed, mesh -> resources, new SimpleMeterRegistry());
    }

    public InetSocketAddress address() {
        return gateway.address();
    }

    /** Published when this has returned, but for the debounce of a few milliseconds. */
    public void put(Message message) {
        XdsType type = typeOf(Any.pack(message).getTypeUrl());
        Object name = message.getField(message.getDescriptorForType().findFieldByNumber(1));
        resources.put(type, name.toString(), message);
        publish();
    }

    public void remove(XdsType type, String name) {
        resources.remove(type, name);
        publish();
    }

    public void clear() {
        resources.clear();
        publish();
    }

    private static XdsType typeOf(String typeUrl) {
        return XdsType.ofTypeUrl(typeUrl)
                .orElseThrow(() -> new IllegalArgumentException("type '" + typeUrl + "' is not served"));
    }

    /** A change of inventory: what makes a gateway ask its compiler again. */
    private void publish() {
        core.inventory(
                MESH,
                List.of(InventoryObject.newBuilder()
                        .setWorkload(InventoryWorkload.newBuilder()
                                .setNamespace("default")
                                .setName("tick")
                                .putLabels("change", Integer.toString(++changes)))
                        .build()),
                List.of());
    }

    private void command(String line) throws IOException {
        JsonNode command = JSON.readTree(line);
        if (command.has("put")) {
            Any.Builder any = Any.newBuilder();
            PROTO_JSON.merge(command.get("put").toString(), any);
            put(unpack(any.build()));
        } else if (command.has("remove")) {
            remove(
                    typeOf(command.at("/remove/type").asText()),
                    command.at("/remove/name").asText());
        } else if (command.has("clear")) {
            clear();
        } else {
            throw new IllegalArgumentException("a command is put, remove or clear");
        }
    }

    private static Message unpack(Any any) throws InvalidProtocolBufferException {
        return switch (typeOf(any.getTypeUrl())) {
            case CLUSTER -> any.unpack(Cluster.class);
            case ENDPOINT -> any.unpack(ClusterLoadAssignment.class);
            case LISTENER -> any.unpack(Listener.class);
            case ROUTE -> any.unpack(RouteConfiguration.class);
            case SECRET -> any.unpack(Secret.class);
        };
    }

    @Override
    public void close() {
        gateway.close();
        feed.shutdownNow();
        core.close();
    }

    public static void main(String[] args) throws IOException {
        int port = args.length == 0 ? 0 : Integer.parseInt(args[0]);
        try (ConformanceAdapter adapter = new ConformanceAdapter(port);
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("xds=127.0.0.1:" + adapter.address().getPort());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                try {
                    adapter.command(line);
                    System.out.println("ok");
                } catch (IOException | IllegalArgumentException e) {
                    System.out.println("error: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
                }
            }
        }
    }
}
