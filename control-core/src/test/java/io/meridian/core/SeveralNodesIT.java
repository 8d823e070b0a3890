package io.meridian.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.ResourceLimits;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.resource.ResourceKey;
import io.meridian.persistence.LogState;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.cluster.MemberStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A region of three nodes on one journal: meshes move from a node that leaves, and to one that joins, while everybody writes. */
@ParameterizedClass
@EnumSource
class SeveralNodesIT {
    private static final int MESHES = 12;
    private static final int LARGE_OBJECTS = 6;
    private static final Config SHARED = ConfigFactory.parseString("""
            meridian.core.shared = on
            meridian.core.snapshot-every = 50
            """);

    @Parameter
    JournalKind kind = JournalKind.SQLITE;

    @TempDir
    Path data;

    /** By mesh and command id. */
    private final Map<String, Position> acknowledged = new ConcurrentHashMap<>();

    private final AtomicLong numbers = new AtomicLong();

    @Test
    void meshesMoveUnderLoadAndNothingIsLostOrDoubled() throws Exception {
        TestRegion first = node(List.of());
        List<Integer> seeds = List.of(first.clusterPort());
        TestRegion second = node(seeds);
        TestRegion third = node(seeds);
        AtomicBoolean going = new AtomicBoolean(true);
        Map<MeshId, Head> watched = new ConcurrentHashMap<>();
        try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
            members(first, 3);
            for (int i = 0; i < MESHES; i++) {
                MeshId mesh = new MeshId("mesh-" + i);
                first.create(mesh);
                // The node watches what is written anywhere.
                first.core().log().watchHead(mesh, head -> watched.put(mesh, head));
            }
            List<Future<?>> running = new ArrayList<>();
            for (TestRegion node : List.of(first, third)) {
                for (int writer = 0; writer < 6; writer++) {
                    running.add(writers.submit(() -> write(node, going)));
                }
            }
            progress(300);
            second.close();
            progress(300);
            members(first, 2);
            TestRegion fourth = node(seeds);
            members(first, 3);
            running.add(writers.submit(() -> write(fourth, going)));
            progress(300);
            going.set(false);
            for (Future<?> writer : running) {
                writer.get(60, TimeUnit.SECONDS);
            }
            verify(first, watched);
            verify(fourth, watched);
            fourth.close();
        } finally {
            going.set(false);
            second.close();
            third.close();
            first.close();
        }
        System.out.printf("%d acknowledged commands over moving shards on %s, none lost%n", acknowledged.size(), kind);
    }

    @Test
    void theLargestChangeSetAndALargerRollbackPassBetweenTheNodes() {
        try (TestRegion first = node(List.of());
                TestRegion second = node(List.of(first.clusterPort()))) {
            members(first, 2);
            // Several: at least one of them does not live where it is written from.
            for (String name : List.of("mesh-a", "mesh-b", "mesh-c")) {
                MeshId mesh = new MeshId(name);
                first.create(mesh);
                Position one = second.accept(mesh, largest("one"));
                Position both = first.accept(mesh, largest("two"));
                for (TestRegion node : List.of(first, second)) {
                    MeshState state = TestRegion.found(
                            Await.get(node.core().states().latest(mesh, Optional.of(both), TestRegion.TIMEOUT)));
                    assertThat(state.resources()).hasSize(2 * LARGE_OBJECTS);
                    // Carries all 6 MiB, and changes nothing but what came after.
                    node.accept(
                            mesh,
                            new MeshCommand.Rollback(
                                    both, List.copyOf(state.resources().values()), Optional.empty(), Optional.empty()));
                }
                MeshState before =
                        TestRegion.found(Await.get(second.core().states().at(mesh, one.seq(), TestRegion.TIMEOUT)));
                second.accept(
                        mesh,
                        new MeshCommand.Rollback(
                                one, List.copyOf(before.resources().values()), Optional.empty(), Optional.empty()));
                assertThat(first.latest(mesh).resources()).hasSize(LARGE_OBJECTS);
            }
        }
    }

    private static MeshCommand largest(String name) {
        List<MeshCommand.ResourceIntent> intents = new ArrayList<>();
        for (int i = 0; i < LARGE_OBJECTS; i++) {
            String text = "x".repeat(ResourceLimits.MAX_SET_BYTES / LARGE_OBJECTS - 500);
            intents.add(new MeshCommand.Put(
                    new ResourceKey("networking.istio.io", "VirtualService", "default", name + "-" + i),
                    MeshCommand.Origin.UNKNOWN,
                    "networking.istio.io/v1",
                    Map.of(),
                    Map.of(),
                    ByteString.copyFromUtf8(
                            "{\"hosts\":[\"a.example.com\"],\"http\":[{\"directResponse\":{\"body\":{\"string\":\""
                                    + text + "\"},\"status\":200}}]}"),
                    Optional.empty()));
        }
        return new MeshCommand.ApplyResources(intents);
    }

    private TestRegion node(List<Integer> seeds) {
        return TestRegion.start(TestRegion.EU, data, new FakePeers(), seeds, SHARED.withFallback(kind.settings(data)));
    }

    private static void members(TestRegion node, int count) {
        Await.until("the cluster has " + count + " members", () -> {
            int up = 0;
            int all = 0;
            for (var member : node.cluster().state().getMembers()) {
                all++;
                up += member.status().equals(MemberStatus.up()) ? 1 : 0;
            }
            return all == count && up == count;
        });
    }

    /** Writes to all meshes in turn; sends a command again until it knows, as a client does. */
    private void write(TestRegion node, AtomicBoolean going) {
        while (going.get()) {
            long number = numbers.getAndIncrement();
            MeshId mesh = new MeshId("mesh-" + number % MESHES);
            CommandRequest request = node.request(mesh, "n-" + number, TestRegion.label("v" + number));
            Await.until("command " + number + " is acknowledged", () -> {
                CommandOutcome outcome = Await.get(node.core().commands().execute(request, Duration.ofSeconds(2)));
                if (outcome instanceof CommandOutcome.Accepted accepted) {
                    acknowledged.put(mesh + " " + request.commandId(), accepted.position());
                    return true;
                }
                assertThat(outcome).isInstanceOfAny(CommandOutcome.Unknown.class, CommandOutcome.Unavailable.class);
                return false;
            });
        }
    }

    /** Waits for so many more acknowledgements. */
    private void progress(int count) {
        int goal = acknowledged.size() + count;
        Await.until(count + " more commands", () -> acknowledged.size() >= goal);
    }

    private void verify(TestRegion node, Map<MeshId, Head> watched) {
        Map<String, Position> stored = new HashMap<>();
        for (int i = 0; i < MESHES; i++) {
            MeshId mesh = new MeshId("mesh-" + i);
            LogState state = LogState.empty(mesh);
            for (EventEnvelope event : node.log(mesh)) {
                state = state.next(event);
                if (event.header().getCommandId().startsWith("n-")) {
                    String id = mesh + " " + event.header().getCommandId();
                    assertThat(stored.put(id, event.position()))
                            .as("%s is applied once", id)
                            .isNull();
                }
            }
            Head head = state.head();
            Await.until("the watch has the head of " + mesh, () -> head.equals(watched.get(mesh)));
            assertThat(SnapshotCodec.stateHash(TestRegion.found(Await.get(
                            node.core().states().latest(mesh, Optional.of(head.position()), TestRegion.TIMEOUT)))))
                    .isEqualTo(SnapshotCodec.stateHash(state.state()));
        }
        assertThat(stored).containsAllEntriesOf(acknowledged);
    }
}
