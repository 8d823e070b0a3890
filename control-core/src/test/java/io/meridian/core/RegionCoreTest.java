package io.meridian.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.meridian.api.type.v1.Durability;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.persistence.fixture.JournalKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Commands to one region over a real journal; each test has a mesh of its own. */
@ParameterizedClass
@EnumSource
class RegionCoreTest {
    @Parameter
    JournalKind kind = JournalKind.SQLITE;

    @TempDir
    static Path data;

    @SuppressWarnings("NullAway.Init")
    private static TestRegion region;

    @SuppressWarnings("NullAway.Init")
    private static FakePeers.FakePeer us;

    private MeshId mesh = new MeshId("x");

    @BeforeParameterizedClassInvocation
    static void start(JournalKind kind) {
        FakePeers peers = new FakePeers();
        us = peers.add(TestRegion.US);
        region = TestRegion.start(TestRegion.EU, kind, data.resolve(kind.name()), peers);
    }

    @AfterParameterizedClassInvocation
    static void end() {
        region.close();
    }

    @BeforeEach
    void name(TestInfo test) {
        mesh = new MeshId("m-" + Integer.toHexString(test.getDisplayName().hashCode()));
        us.reachable = true;
    }

    @Test
    void aMeshBeginsInTheFirstEpochOfItsRegion() {
        Position created = region.create(mesh);

        assertThat(created).isEqualTo(new Position(mesh, new Epoch(1), 4));
        assertThat(region.accept(mesh, TestRegion.label("a"))).isEqualTo(new Position(mesh, new Epoch(1), 5));
    }

    @Test
    void concurrentCommandsAreCommittedInGroupsAndEachHasItsOwnPosition() {
        region.create(mesh);
        Set<Long> heads = ConcurrentHashMap.newKeySet();
        try (MeshLog.Subscription watch = region.core()
                .log()
                .watchHead(mesh, head -> heads.add(head.position().seq()))) {
            List<CompletionStage<CommandOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                outcomes.add(region.send(mesh, TestRegion.label("c" + i)));
            }
            Set<Long> positions = outcomes.stream()
                    .map(outcome -> TestRegion.accepted(Await.get(outcome)).seq())
                    .collect(Collectors.toSet());

            assertThat(positions).hasSize(2000).contains(5L, 2004L);
            assertThat(watch).isNotNull();
        }
        // Each commit shows one head: far fewer commits than commands.
        assertThat(heads.size()).isLessThan(500);
        assertThat(region.latest(mesh).head().position().seq()).isEqualTo(2004);
    }

    @Test
    void aRetryIsAnsweredWithThePositionOfItsFirstTime() {
        region.create(mesh);
        CommandRequest request = region.request(mesh, TestRegion.label("a"));
        Position first = TestRegion.accepted(Await.get(region.core().commands().execute(request, TestRegion.TIMEOUT)));
        region.accept(mesh, TestRegion.label("b"));

        CommandOutcome again = Await.get(region.core().commands().execute(request, TestRegion.TIMEOUT));

        assertThat(again).isEqualTo(new CommandOutcome.Accepted(first, List.of(), true, false, List.of()));
    }

    @Test
    void aStaleExpectedPositionIsRefusedAndChangesNothing() {
        Position created = region.create(mesh);
        Position now = region.accept(mesh, TestRegion.label("a"));

        CommandOutcome stale = Await.get(expecting(created, TestRegion.label("b")));

        assertThat(codes(stale)).containsExactly(RejectionCode.STALE_POSITION);
        assertThat(region.latest(mesh).head().position()).isEqualTo(now);
        assertThat(Await.get(expecting(now, TestRegion.label("c")))).isInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void ofTwoWhoExpectTheSamePositionOneWins() {
        Position created = region.create(mesh);
        List<CompletionStage<CommandOutcome>> outcomes = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            outcomes.add(expecting(created, TestRegion.label("v" + i)));
        }

        assertThat(outcomes.stream().map(Await::get).filter(CommandOutcome.Accepted.class::isInstance))
                .hasSize(1);
    }

    @Test
    void aCommandForAnUnknownMeshIsRefused() {
        assertThat(codes(region.execute(mesh, TestRegion.label("a")))).containsExactly(RejectionCode.MESH_NOT_FOUND);
        assertThat(region.latest(mesh).head().isEmpty()).isTrue();
    }

    @Test
    void aCommandForAnotherRegionsMeshIsForwardedOnce() {
        Epoch theirs = new Epoch(2);
        us.heads.put(mesh, new Head(new Position(mesh, theirs, 9), Hash.ZERO));
        AtomicReference<Epoch> expected = new AtomicReference<>(Epoch.NONE);
        CommandOutcome there =
                new CommandOutcome.Accepted(new Position(mesh, theirs, 10), List.of(), false, false, List.of());
        us.execution = (request, epoch, timeout) -> {
            expected.set(epoch);
            return CompletableFuture.completedStage(there);
        };

        assertThat(region.execute(mesh, TestRegion.label("a"))).isEqualTo(there);
        assertThat(expected.get()).isEqualTo(theirs);
        assertThat(Await.get(region.core()
                        .commands()
                        .executeHere(region.request(mesh, TestRegion.label("a")), Epoch.NONE, TestRegion.TIMEOUT)))
                .isInstanceOfSatisfying(
                        CommandOutcome.Unavailable.class,
                        unavailable -> assertThat(unavailable.message()).contains("us-1"));
    }

    @Test
    void aNameThatAnUnreachableRegionKnowsIsNotCreatedHere() {
        us.heads.put(mesh, new Head(new Position(mesh, new Epoch(2), 9), Hash.ZERO));
        us.reachable = false;

        assertThat(region.execute(mesh, new MeshCommand.CreateMesh(MeshSpec.getDefaultInstance())))
                .isInstanceOfSatisfying(
                        CommandOutcome.Unavailable.class,
                        unavailable -> assertThat(unavailable.message())
                                .contains("region us-1, the home of mesh " + mesh)
                                .contains("silent for 42 s"));
    }

    @Test
    void anAnswerThatGetsLostBetweenRegionsIsUnknown() {
        us.heads.put(mesh, new Head(new Position(mesh, new Epoch(2), 9), Hash.ZERO));
        us.execution = (request, epoch, timeout) -> CompletableFuture.failedStage(new IOException("connection reset"));

        assertThat(region.execute(mesh, TestRegion.label("a")))
                .isInstanceOfSatisfying(
                        CommandOutcome.Unknown.class,
                        unknown -> assertThat(unknown.message()).contains("connection reset"));
    }

    @Test
    void aSynchronousWriteWaitsForTheReplicasThatHoldIt() {
        CompletionStage<CommandOutcome> created = region.send(mesh, create(1));
        Await.until(
                "the write is durable here",
                () -> region.latest(mesh).head().position().seq() == 4);
        assertThat(created.toCompletableFuture()).isNotDone();

        region.core().replicas().acknowledged(mesh, "us-1", new Head(head().position(), Hash.ZERO));
        region.core().replicas().acknowledged(mesh, "us-1", Head.empty(mesh));
        assertThat(region.latest(mesh).head().position().seq()).isEqualTo(4);
        assertThat(created.toCompletableFuture()).isNotDone();
        region.core().replicas().acknowledged(mesh, "us-1", head());

        assertThat(TestRegion.accepted(Await.get(created)).seq()).isEqualTo(4);
    }

    @Test
    void aSynchronousWriteThatNobodyAcknowledgesIsUnknownAndARetryWaitsToo() {
        CommandRequest request = region.request(mesh, create(1));
        CommandOutcome outcome = Await.get(region.core().commands().execute(request, Duration.ofMillis(500)));
        assertThat(outcome).isInstanceOf(CommandOutcome.Unknown.class);

        CompletionStage<CommandOutcome> retry = region.core().commands().execute(request, TestRegion.TIMEOUT);
        assertThat(region.latest(mesh).head().position().seq()).isEqualTo(4);
        assertThat(retry.toCompletableFuture()).isNotDone();
        region.core().replicas().acknowledged(mesh, "us-1", head());

        assertThat(TestRegion.accepted(Await.get(retry)).seq()).isEqualTo(4);
    }

    @Test
    void anOperatorCanDegradeAMeshWhoseReplicasAreGone() {
        Await.get(region.core().commands().execute(region.request(mesh, create(1)), Duration.ofMillis(200)));

        assertThat(region.execute(mesh, new MeshCommand.UpdateMesh(MeshSpec.getDefaultInstance())))
                .isInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void aMeshThatHasTooMuchWaitingSaysSo() {
        Path other = data.resolve("small");
        Path own = other.resolve(kind.name());
        try (TestRegion small = TestRegion.start(
                TestRegion.EU,
                own,
                new FakePeers(),
                List.of(),
                ConfigFactory.parseString("meridian.core.max-waiting = 3").withFallback(kind.settings(own)))) {
            small.create(mesh);
            List<CompletionStage<CommandOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                outcomes.add(small.send(mesh, TestRegion.label("c" + i)));
            }
            List<CommandOutcome> answers = outcomes.stream().map(Await::get).toList();

            assertThat(answers).anyMatch(CommandOutcome.Unavailable.class::isInstance);
            long accepted = answers.stream()
                    .filter(CommandOutcome.Accepted.class::isInstance)
                    .count();
            assertThat(small.latest(mesh).head().position().seq()).isEqualTo(4 + accepted);
        }
    }

    @Test
    void anUnknownKeyOfTheConfigurationIsRefused() {
        assertThatThrownBy(() -> CoreSettings.of(
                        ConfigFactory.parseString("meridian.core.snapshot-evry = 3")
                                .withFallback(ConfigFactory.load()),
                        TestRegion.EU,
                        data))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("snapshot-evry");
    }

    private static MeshCommand create(int replicas) {
        return new MeshCommand.CreateMesh(MeshSpec.newBuilder()
                .setDurability(Durability.newBuilder().setSyncReplicas(replicas))
                .build());
    }

    private Head head() {
        return Await.get(region.core().log().head(mesh, TestRegion.TIMEOUT));
    }

    private CompletionStage<CommandOutcome> expecting(Position position, MeshCommand command) {
        CommandRequest request = region.request(mesh, command);
        return region.core()
                .commands()
                .execute(
                        new CommandRequest(
                                mesh,
                                request.commandId(),
                                request.actor(),
                                request.reason(),
                                request.originRegion(),
                                Optional.of(position),
                                false,
                                command),
                        TestRegion.TIMEOUT);
    }

    private static List<RejectionCode> codes(CommandOutcome outcome) {
        return outcome instanceof CommandOutcome.Rejected(var violations)
                ? violations.stream().map(Violation::code).toList()
                : List.of();
    }
}
