package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.Await;
import io.meridian.gateway.fixture.DeltaProxy;
import io.meridian.gateway.fixture.TestCompiler;
import io.meridian.gateway.fixture.TestCore;
import io.meridian.gateway.fixture.WireClient;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.position.Position;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.pcollections.PSortedMap;

/**
 * A mesh that changes at random, and clients of both variants, Envoys and gRPC's, that do what they like and move between gateways. The seed
 * decides all of that; when messages arrive is the machine's. Blocks; single-threaded.
 */
final class RandomHistory implements AutoCloseable {
    private static final int ROUNDS = 6;
    private static final int STEPS = 100;
    private static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f");
    private static final int FIRST_PORT = 9000;
    /** Characters of a path: a few such routes are more than a connection takes that nobody reads. */
    private static final int LARGE = 30_000;

    private static final int MANY = 5;
    /** Of one who would hear something, at each response. */
    private static final Duration PATIENCE = Duration.ofMillis(3);

    private final Random random;
    private final TestCore core;
    private final List<Gateway> gateways;
    private final String mesh;
    private final List<WireClient<?, ?>> clients;

    RandomHistory(long seed, TestCore core, List<Gateway> gateways) {
        random = new Random(seed);
        this.core = core;
        this.gateways = gateways;
        mesh = "history-" + Long.toUnsignedString(seed);
        core.withMesh(mesh);
        // A gateway that does not know the mesh takes its proxies for those of the only one that it knows.
        gateways.forEach(gateway -> Await.until(
                () -> gateway.meshes().stream()
                        .anyMatch(known -> known.mesh().value().equals(mesh)),
                gateway::meshes));
        List<InetSocketAddress> addresses =
                gateways.stream().map(Gateway::address).toList();
        clients = List.of(
                WireClient.delta(grpc("delta"), random.nextLong(), addresses),
                WireClient.delta(envoy("delta"), random.nextLong(), addresses),
                WireClient.stateOfTheWorld(grpc("sotw"), random.nextLong(), addresses),
                WireClient.stateOfTheWorld(envoy("sotw"), random.nextLong(), addresses));
        clients.forEach(client -> client.connect(random.nextInt(gateways.size())));
    }

    /** Is expected to ask for all that its clusters and listeners refer to; as it may not, some waits come to their limits. */
    private Node envoy(String name) {
        return DeltaProxy.node(name + "-envoy-" + mesh, mesh);
    }

    private static boolean isEnvoy(WireClient<?, ?> client) {
        return client.id().contains("-envoy-");
    }

    private Node grpc(String name) {
        Node.Builder node = DeltaProxy.node(name + "-grpc-" + mesh, mesh).toBuilder();
        node.getMetadataBuilder()
                .putFields(
                        "GENERATOR", Value.newBuilder().setStringValue("grpc").build());
        return node.build();
    }

    void run() {
        for (int round = 0; round < ROUNDS; round++) {
            for (int step = 0; step < STEPS; step++) {
                act();
            }
            // What goes wrong may be mended by what comes next. An Envoy would have to be waited for.
            settle(clients.stream().filter(client -> !isEnvoy(client)).toList());
        }
        settle(clients);
        // Nobody is sent what it has, wherever it goes.
        List<WireClient<?, ?>> satisfied = clients.stream()
                .filter(client -> client.id().contains("delta"))
                .filter(client -> client.model().refusedNothing())
                .toList();
        clients.forEach(client -> client.connect((client.gateway() + 1) % gateways.size()));
        settle(clients);
        assertThat(satisfied)
                .allSatisfy(client -> assertThat(client.resources()).isZero());
    }

    private void act() {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        WireClient<?, ?> client = clients.get(random.nextInt(clients.size()));
        switch (random.nextInt(30)) {
            case 0, 1, 2 -> route(name);
            case 3 -> unroute(name);
            case 4, 5 -> core.service(mesh, name, name, FIRST_PORT + random.nextInt(4));
            case 6 -> core.servicePorts(mesh, name, name, 1 + random.nextInt(3));
            case 7 -> remove(keys().filter(key -> key.getName().startsWith(name + "/")));
            case 8 -> remove(keys().filter(key -> key.getName().equals(name)));
            case 9 -> elsewhere();
            case 10, 11, 12, 13, 14, 15 -> client.model().whim(client.model().anyType(), name);
            case 16 -> client.connect(random.nextInt(gateways.size()));
            case 17 -> client.pause();
            case 18, 19 -> client.resume();
            default -> hear(client, random.nextInt(6) == 0, random.nextInt(3) == 0 ? 1 : MANY);
        }
    }

    private static void hear(WireClient<?, ?> client, boolean refuses, int most) {
        int heard = 0;
        while (heard < most && client.hear(refuses, PATIENCE)) {
            heard++;
        }
    }

    private void route(String name) {
        boolean large = random.nextInt(4) == 0;
        core.route(
                mesh,
                name,
                FIRST_PORT + random.nextInt(3),
                NAMES.get(random.nextInt(NAMES.size())),
                "/" + random.nextInt(5) + (large ? "x".repeat(LARGE) : ""));
    }

    private void unroute(String name) {
        if (core.fixture(mesh).state().resources().containsKey(MeshFixture.virtualService("default", name))) {
            core.unroute(mesh, name);
        }
    }

    private Stream<InventoryKey> keys() {
        return core.inventoryKeys(mesh).stream();
    }

    private void remove(Stream<InventoryKey> keys) {
        core.inventory(mesh, List.of(), keys.toList());
    }

    /** A change of the mesh that no client can see. */
    private void elsewhere() {
        core.run(
                mesh,
                new MeshCommand.CreateNamespace("ns-" + core.head(mesh).seq(), NamespaceSpec.getDefaultInstance()));
    }

    /** Nothing happens, and these read and accept what comes, until each has what it wants. */
    private void settle(List<WireClient<?, ?>> some) {
        Map<XdsType, PSortedMap<String, XdsResource>> there = TestCompiler.fromScratch(core.image(mesh));
        some.forEach(WireClient::resume);
        Await.until(
                () -> {
                    boolean quiet = true;
                    for (WireClient<?, ?> client : some) {
                        while (client.hear(false, Duration.ZERO)) {
                            quiet = false;
                        }
                        quiet &= settled(client, there);
                    }
                    return quiet;
                },
                () -> {
                    List<String> unsettled = new ArrayList<>();
                    for (WireClient<?, ?> client : some) {
                        if (!settled(client, there)) {
                            unsettled.add(
                                    client.model().differences(there) + " " + client + " " + core.proxy(client.id()));
                        }
                    }
                    return unsettled + " at " + core.head(mesh);
                });
    }

    private boolean settled(WireClient<?, ?> client, Map<XdsType, PSortedMap<String, XdsResource>> there) {
        assertThat(client.ended()).as("how the stream of %s ended", client).isNull();
        return client.model().differences(there).isEmpty() && saysSo(client, there);
    }

    /** Of an Envoy that does not ask for clusters and listeners the gateway waits to hear more, for longer than a test can. */
    private boolean saysSo(WireClient<?, ?> client, Map<XdsType, PSortedMap<String, XdsResource>> there) {
        if (isEnvoy(client) || !client.model().asksForSomething()) {
            return true;
        }
        Optional<ProxyStatus> status = core.proxy(client.id())
                .filter(known -> known.getGateway().equals(RandomClientsTest.gatewayId(client.gateway())));
        return status.filter(known -> switch (known.getState()) {
                    case SYNCED ->
                        !client.model().lacks(there)
                                && Position.of(known.getAcknowledged()).isAtLeast(core.head(mesh));
                    case REJECTED -> client.model().refusedOnStream();
                    default -> false;
                })
                .isPresent();
    }

    @Override
    public void close() {
        clients.forEach(WireClient::close);
    }
}
