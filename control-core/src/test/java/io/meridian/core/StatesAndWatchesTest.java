package io.meridian.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What readers of one region see. Each test has a mesh of its own. */
@ParameterizedClass
@EnumSource
class StatesAndWatchesTest {
    private static final Duration SHORT = Duration.ofMillis(100);

    @TempDir
    static Path data;

    @Parameter
    JournalKind kind = JournalKind.SQLITE;

    @SuppressWarnings("NullAway.Init")
    private static TestRegion region;

    @BeforeParameterizedClassInvocation
    static void start(JournalKind kind) {
        Path own = data.resolve(kind.name());
        region = TestRegion.start(
                TestRegion.EU,
                own,
                new FakePeers(),
                List.of(),
                ConfigFactory.parseString("meridian.core.snapshot-every = 10").withFallback(kind.settings(own)));
    }

    @AfterParameterizedClassInvocation
    static void end() {
        region.close();
    }

    @Test
    void aReadWithAPositionWaitsUntilItIsHeld() {
        MeshId mesh = new MeshId("waits");
        Position created = region.create(mesh);
        Position next = new Position(mesh, created.epoch(), created.seq() + 1);

        CompletionStage<MeshStates.Read> read =
                region.core().states().latest(mesh, Optional.of(next), TestRegion.TIMEOUT);
        region.accept(mesh, TestRegion.label("a"));

        assertThat(TestRegion.found(Await.get(read)).head().position()).isEqualTo(next);
    }

    @Test
    void aReadOfAPositionThatDoesNotComeIsBehind() {
        MeshId mesh = new MeshId("behind");
        Position created = region.create(mesh);

        assertThat(latest(mesh, new Position(mesh, created.epoch(), 99)))
                .isEqualTo(new MeshStates.Read.Behind(created));
        assertThat(latest(mesh, new Position(mesh, new Epoch(66), 99))).isEqualTo(new MeshStates.Read.Behind(created));
        MeshId unknown = new MeshId("nobody");
        assertThat(latest(unknown, new Position(unknown, new Epoch(1), 1)))
                .isEqualTo(new MeshStates.Read.Behind(Position.before(unknown)));
    }

    @Test
    void aPositionOfAnAbandonedBranchIsRolledBack() {
        MeshFixture home = MeshFixture.mesh("abandoned").withNamespace("a");
        MeshId mesh = home.state().id();
        Await.get(region.core()
                .replicas()
                .append(mesh, home.state().head().position().epoch(), home.log(), TestRegion.TIMEOUT));
        Await.get(region.core()
                .replicas()
                .append(
                        mesh,
                        ReplicasTest.opening(home).epoch(),
                        List.of(ReplicasTest.opening(home)),
                        TestRegion.TIMEOUT));
        Position sameSeq = new Position(mesh, MeshFixture.EPOCH, 6);
        Position beyond = new Position(mesh, MeshFixture.EPOCH, 9);
        Position kept = new Position(mesh, MeshFixture.EPOCH, 5);

        assertThat(latest(mesh, sameSeq)).isEqualTo(new MeshStates.Read.RolledBack(sameSeq));
        assertThat(latest(mesh, beyond)).isEqualTo(new MeshStates.Read.RolledBack(beyond));
        assertThat(latest(mesh, kept)).isInstanceOf(MeshStates.Read.Found.class);
    }

    @Test
    void everyEarlierStateCanBeRead() {
        MeshId mesh = new MeshId("earlier");
        region.create(mesh);
        List<MeshState> states = new ArrayList<>(List.of(region.latest(mesh)));
        for (int i = 0; i < 35; i++) {
            region.accept(mesh, TestRegion.label("v" + i));
            states.add(region.latest(mesh));
        }

        for (MeshState state : states) {
            assertThat(at(mesh, state.head().position().seq())).isEqualTo(new MeshStates.Read.Found(state));
        }
        assertThat(at(mesh, 0)).isEqualTo(new MeshStates.Read.Found(MeshState.empty(mesh)));
        assertThat(at(mesh, 40))
                .isEqualTo(new MeshStates.Read.Behind(states.getLast().head().position()));
    }

    @Test
    void theLastEventBeforeATimeIsFound() {
        MeshId mesh = new MeshId("times");
        Instant before = Instant.now().minusSeconds(1);
        Position created = region.create(mesh);
        Instant middle = Instant.now();
        Await.until("the clock goes on", () -> Instant.now().isAfter(middle.plusMillis(2)));
        Position last = region.accept(mesh, TestRegion.label("a"));

        assertThat(seqAt(mesh, before)).isZero();
        assertThat(seqAt(mesh, middle)).isEqualTo(created.seq());
        assertThat(seqAt(mesh, Instant.now().plusSeconds(1))).isEqualTo(last.seq());
        assertThat(seqAt(new MeshId("nobody-2"), middle)).isZero();
    }

    @Test
    void aWatchTellsTheHeadNowAndAtEachChangeAndNeverGoesBack() {
        MeshId mesh = new MeshId("watched");
        List<Head> told = Collections.synchronizedList(new ArrayList<>());
        try (MeshLog.Subscription watch = region.core().log().watchHead(mesh, told::add)) {
            Await.until("the empty head is told", () -> told.contains(Head.empty(mesh)));
            region.create(mesh);
            for (int i = 0; i < 20; i++) {
                region.accept(mesh, TestRegion.label("v" + i));
            }
            Await.until("the last head is told", () -> told.getLast().position().seq() == 24);
            assertThat(watch).isNotNull();
        }
        assertThat(told.stream().map(head -> head.position().seq())).isSorted();

        region.accept(mesh, TestRegion.label("unheard"));
        assertThat(told.getLast().position().seq()).isEqualTo(24);
    }

    @Test
    void aFailingListenerIsToldTheNextChange() {
        MeshId mesh = new MeshId("failing");
        List<Position> told = Collections.synchronizedList(new ArrayList<>());
        try (MeshLog.Subscription watch = region.core().log().watchHead(mesh, head -> {
            told.add(head.position());
            throw new IllegalStateException("on purpose");
        })) {
            Position created = region.create(mesh);
            Await.until("told", () -> told.contains(created));
            assertThat(watch).isNotNull();
        }
    }

    @Test
    void theListOfMeshesIsToldWithEachNewOne() {
        MeshId mesh = new MeshId("listed");
        List<Set<MeshId>> told = Collections.synchronizedList(new ArrayList<>());
        try (MeshLog.Subscription watch = region.core().log().watchMeshes(told::add)) {
            region.create(mesh);
            Await.until("listed", () -> told.getLast().contains(mesh));
            assertThat(watch).isNotNull();
        }
    }

    @Test
    void aReadOfTheLogIsBoundedAndWithoutGaps() {
        MeshId mesh = new MeshId("bounded");
        region.create(mesh);

        assertThat(Await.get(region.core().log().read(mesh, 1, 2)))
                .extracting(event -> event.seq())
                .containsExactly(2L, 3L);
        assertThat(Await.get(region.core().log().read(mesh, 4, 2))).isEmpty();
    }

    private static MeshStates.Read latest(MeshId mesh, Position min) {
        return Await.get(region.core().states().latest(mesh, Optional.of(min), SHORT));
    }

    private static MeshStates.Read at(MeshId mesh, long seq) {
        return Await.get(region.core().states().at(mesh, seq, TestRegion.TIMEOUT));
    }

    private static long seqAt(MeshId mesh, Instant time) {
        return Await.get(region.core().states().seqAt(mesh, time, TestRegion.TIMEOUT));
    }
}
