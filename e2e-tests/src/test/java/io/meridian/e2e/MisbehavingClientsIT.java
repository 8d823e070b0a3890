package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.meridian.e2e.XdsClient.Manner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients of every bad manner at once, on a gateway with a small heap: the good ones get every change, and the operator sees who is who. */
final class MisbehavingClientsIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String MESH = "crowd";
    private static final String HEAP = "64m";
    private static final int SERVICES = 500;
    private static final int PORT = 8080;
    /** The limit is documented (docs/operations.md); one more ends the stream. */
    private static final int MAX_NAMES = 100_000;

    private static final int EDITS = 15;
    /** Well below the minute after which a client that does not read is cut off: nobody waits for that. */
    private static final Duration UNHARMED = Duration.ofSeconds(30);
    /** What so many leave unread is more than the gateway lets be on the way to clients with this heap. */
    private static final int DEAF = 150;
    /** HTTP/2's default: what a client that never reads takes all the same. */
    private static final int WINDOW_BYTES = 65_535;

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Thread> crowd = new ArrayList<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private ServerProcess region;
    private ServerProcess gateway;
    private Launcher cli;

    @BeforeEach
    void start() throws Exception {
        region = ServerProcess.startDev(folder.resolve("region"));
        open.add(region);
        cli = region.cli().with("MERIDIAN_MESH", MESH);
        cli.run("mesh", "create", MESH).expect(0);
        cli.run("cluster", "add", "vms", "--type", "self-managed").expect(0);
        cli.run("inventory", "apply", "--cluster", "vms", "-f", write("inventory.yaml", inventory()))
                .expect(0);
        cli.run("apply", "-f", write("route.yaml", route(0))).expect(0);
        gateway = ServerProcess.gateway(folder.resolve("gateway"), region.peer(), ServerProcess.ANY_PORT, HEAP);
        open.add(gateway);
    }

    @AfterEach
    void end() throws Exception {
        over.set(true);
        for (Thread thread : crowd) {
            thread.join();
        }
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void badMannersHurtNobodyElseAndAreSeen() throws Exception {
        List<XdsClient> good = clients(3, "good", Manner.ACKNOWLEDGES);
        Await.until("the good ones have their routes", SOON, () -> good.stream().allMatch(client -> holds(client, 0)));

        List<XdsClient> refusing = clients(20, "refusing", Manner.REFUSES);
        List<XdsClient> silent = clients(20, "silent", Manner.SILENT);
        clients(DEAF, "deaf", Manner.NEVER_READS).forEach(client -> client.subscribe(XdsClient.ENDPOINTS, clusters()));
        AtomicInteger opened = new AtomicInteger();
        inLoops(2, "restless", channel -> {
            XdsClient client = XdsClient.connect(channel, MESH, "restless", Manner.ACKNOWLEDGES, PORT);
            client.awaitResponse();
            client.cancel();
            client.awaitEnd();
            opened.incrementAndGet();
        });
        AtomicInteger refusedSubscriptions = new AtomicInteger();
        List<String> absurd =
                IntStream.rangeClosed(0, MAX_NAMES).mapToObj(i -> "name-" + i).toList();
        inLoops(2, "greedy", channel -> {
            XdsClient client = XdsClient.connect(channel, MESH, "greedy", Manner.SILENT, PORT);
            client.subscribe(XdsClient.ENDPOINTS, absurd);
            Throwable end = client.awaitEnd();
            assertThat(Status.fromThrowable(end).getCode()).as("%s", end).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(end).hasMessageContaining(client.node()).hasMessageContaining("" + MAX_NAMES);
            refusedSubscriptions.incrementAndGet();
        });
        XdsClient curious = clients(1, "curious", Manner.ACKNOWLEDGES).getFirst();
        for (int i = 0; i < 2000; i++) {
            curious.subscribe("type.googleapis.com/no.such.Type" + i, List.of("*"));
        }

        for (int edit = 1; edit <= EDITS; edit++) {
            cli.run("apply", "-f", write("route.yaml", route(edit))).expect(0);
            int current = edit;
            Await.until(
                    () -> "edit " + current + " reaches the good ones, failure " + failure.get(),
                    UNHARMED,
                    () -> good.stream().allMatch(client -> holds(client, current)) && failure.get() == null);
        }
        Await.until(
                () -> "the loops have looped: " + opened + " " + refusedSubscriptions + " " + failure.get(),
                SOON,
                () -> opened.get() >= 200 && refusedSubscriptions.get() >= 10);

        Await.until("the operator sees who is who", SOON, () -> {
            Map<String, String> states = states();
            return good.stream().allMatch(client -> "SYNCED".equals(states.get(client.node())))
                    && "SYNCED".equals(states.get(curious.node()))
                    && refusing.stream().allMatch(client -> "REJECTED".equals(states.get(client.node())))
                    && silent.stream().allMatch(client -> !"SYNCED".equals(states.get(client.node())));
        });
        Await.until("the operator sees what they do", SOON, () -> {
            String warnings = cli.run("proxies").expect(0).err();
            return warnings.matches(
                            "(?s).*restless\\.default \\(127\\.0\\.0\\.1:\\d+\\) opened \\d+ streams in a minute.*")
                    && warnings.matches(
                            "(?s).*greedy\\.default \\(127\\.0\\.0\\.1:\\d+\\)[^\n]*RESOURCE_EXHAUSTED: node.*")
                    && warnings.contains("silent-0.default (127.0.0.1:")
                    && warnings.contains("deaf-0.default (127.0.0.1:")
                    && warnings.contains("refusing-0.default refused CDS: I want none of it")
                    && !warnings.contains("good-");
        });
        // Of each type one is in flight, and a refused version is not sent again.
        assertThat(silent).allSatisfy(client -> assertThat(client.responses()).isLessThanOrEqualTo(4));
        assertThat(refusing).allSatisfy(client -> assertThat(client.responses()).isLessThanOrEqualTo(4 + EDITS));
        assertThat(gateway.alive()).as(gateway.log()).isTrue();
        assertThat(failure.get()).isNull();
    }

    private interface Habit {
        void act(ManagedChannel channel) throws Exception;
    }

    /** Until the test is over, each loop on a connection of its own. */
    private void inLoops(int count, String name, Habit habit) {
        for (int i = 0; i < count; i++) {
            ManagedChannel channel = channel();
            crowd.add(Thread.ofPlatform().name(name + "-" + i).start(() -> {
                while (!over.get() && failure.get() == null) {
                    try {
                        habit.act(channel);
                    } catch (Exception | AssertionError e) {
                        failure.compareAndSet(null, e);
                    }
                }
            }));
        }
    }

    private ManagedChannel channel() {
        ManagedChannel channel = NettyChannelBuilder.forTarget(gateway.xds())
                .usePlaintext()
                .flowControlWindow(WINDOW_BYTES)
                .build();
        open.add(channel::shutdownNow);
        return channel;
    }

    private List<XdsClient> clients(int count, String name, Manner manner) {
        return IntStream.range(0, count)
                .mapToObj(i -> XdsClient.connect(channel(), MESH, name + "-" + i, manner, PORT))
                .toList();
    }

    private Map<String, String> states() {
        Map<String, String> states = new HashMap<>();
        for (JsonNode proxy : cli.run("proxies", "-o", "json").expect(0).json().get("proxies")) {
            states.put(proxy.get("node").asText(), proxy.get("state").asText());
        }
        return states;
    }

    private static boolean holds(XdsClient client, int edit) {
        return client.routes.getOrDefault(Integer.toString(PORT), "").contains(marker(edit));
    }

    private static String marker(int edit) {
        return "edit-" + edit + "-of-the-route";
    }

    private static List<String> clusters() {
        return IntStream.range(0, SERVICES)
                .mapToObj(i -> "outbound|" + PORT + "||svc-" + i + ".example.com")
                .toList();
    }

    private String write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content).toString();
    }

    private static String route(int edit) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: route, namespace: default}
                spec:
                  hosts: [svc-0.example.com]
                  http:
                    - headers: {request: {set: {x-edit: %s}}}
                      route: [{destination: {host: svc-0.example.com}}]
                """.formatted(marker(edit));
    }

    private static String inventory() {
        StringBuilder yaml = new StringBuilder("objects:\n");
        for (int i = 0; i < SERVICES; i++) {
            yaml.append(
                    "  - service: {namespace: default, name: svc-%1$d, host: svc-%1$d.example.com, ports: [{name: http, port: %2$d}]}%n"
                            .formatted(i, PORT));
        }
        return yaml.toString();
    }
}
