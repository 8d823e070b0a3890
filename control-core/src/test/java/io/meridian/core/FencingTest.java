package io.meridian.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.meridian.api.replication.v1.PromiseRequest;
import io.meridian.api.replication.v1.PromiseResponse;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.persistence.LogState;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
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

/**
 * Two incarnations of every mesh at once: two processes of one region that do not know of each other, as after a pause so long that the other took
 * over. Only the journal stands between them.
 */
@ParameterizedClass
@EnumSource
class FencingTest {
    /** Far below the deadline of a command: the loser is told, it does not wait. */
    private static final Duration AT_ONCE = TestRegion.TIMEOUT.dividedBy(2);

    @Parameter
    JournalKind kind = JournalKind.SQLITE;

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static TestRegion one;

    @SuppressWarnings("NullAway.Init")
    private static TestRegion two;

    private MeshId mesh = new MeshId("x");

    @BeforeParameterizedClassInvocation
    static void start(JournalKind kind) {
        one = incarnation(kind);
        two = incarnation(kind);
    }

    @AfterParameterizedClassInvocation
    static void close() {
        two.close();
        one.close();
    }

    @BeforeEach
    void name(TestInfo test) {
        mesh = new MeshId("m-" + Integer.toHexString(test.getDisplayName().hashCode()));
    }

    @Test
    void theLosersWriteIsRefusedAtOnceAndTheWinnerGoesOn() {
        one.create(mesh);
        one.accept(mesh, TestRegion.label("by-one"));
        Position taken = two.accept(mesh, TestRegion.label("by-two"));
        CommandRequest lost = one.request(mesh, TestRegion.label("lost"));

        long start = System.nanoTime();
        CommandOutcome outcome = Await.get(one.core().commands().execute(lost, TestRegion.TIMEOUT));

        assertThat(outcome).isInstanceOf(CommandOutcome.Unknown.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(AT_ONCE);
        Position next = two.accept(mesh, TestRegion.label("by-two-again"));
        assertThat(next.seq()).isEqualTo(taken.seq() + 1);
        List<EventEnvelope> log = log();
        assertThat(log).hasSize((int) next.seq());
        assertThat(log).noneMatch(event -> event.header().getCommandId().equals(lost.commandId()));
    }

    @Test
    void whoLostSaysSoAndTriesNothingByItself() {
        one.create(mesh);
        two.accept(mesh, TestRegion.label("by-two"));
        assertThat(one.execute(mesh, TestRegion.label("lost"))).isInstanceOf(CommandOutcome.Unknown.class);

        // Nobody calls the loser: it must not come back and take the log from the winner.
        List<CommandOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            outcomes.add(two.execute(mesh, TestRegion.label("v" + i)));
        }

        assertThat(outcomes).allMatch(outcome -> outcome instanceof CommandOutcome.Accepted);
    }

    @Test
    void theLosersCommandIsAppliedOnceWhenItIsSentAgain() {
        one.create(mesh);
        two.accept(mesh, TestRegion.label("by-two"));
        CommandRequest lost = one.request(mesh, TestRegion.label("lost"));
        assertThat(Await.get(one.core().commands().execute(lost, TestRegion.TIMEOUT)))
                .isInstanceOf(CommandOutcome.Unknown.class);

        Position first = untilAccepted(one, lost);
        Position again = untilAccepted(two, lost);

        assertThat(again).isEqualTo(first);
        assertThat(log().stream().filter(event -> event.header().getCommandId().equals(lost.commandId())))
                .hasSize(1);
    }

    @Test
    void whatTheWinnerPromisedHoldsForTheLoserToo() {
        Position head = one.create(mesh);
        // In another log than the events: no unique key stands between the two.
        PromiseResponse promise = Await.get(two.core()
                .duties()
                .promise(
                        PromiseRequest.newBuilder()
                                .setMesh(mesh.value())
                                .setEpoch(
                                        head.epoch().next(TestRegion.US.index()).value())
                                .setCandidateRegion(TestRegion.US.name())
                                .build(),
                        TestRegion.TIMEOUT));
        assertThat(promise.getGranted()).as(promise.getWhy()).isTrue();

        assertThat(one.execute(mesh, TestRegion.label("beyond"))).isInstanceOf(CommandOutcome.Unknown.class);
        // By now it knows, and sends the command to the region that holds the promise.
        assertThat(one.execute(mesh, TestRegion.label("beyond"))).isNotInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void aPromiseIsNotGivenForAHeadThatTheOtherIncarnationIsBeyond() {
        one.create(mesh);
        Position seen = two.accept(mesh, TestRegion.label("seen"));
        untilAccepted(one, one.request(mesh, TestRegion.label("unseen")));
        PromiseRequest request = PromiseRequest.newBuilder()
                .setMesh(mesh.value())
                .setEpoch(seen.epoch().next(TestRegion.US.index()).value())
                .setCandidateRegion(TestRegion.US.name())
                .build();

        PromiseResponse stale = Await.get(two.core().duties().promise(request, TestRegion.TIMEOUT));
        PromiseResponse again = Await.get(two.core().duties().promise(request, TestRegion.TIMEOUT));

        assertThat(stale.getGranted()).isFalse();
        assertThat(stale.getWhy()).contains("another process of this region");
        assertThat(again.getGranted()).as(again.getWhy()).isTrue();
        assertThat(again.getHead().getPosition().getSeq()).isEqualTo(log().size());
    }

    @Test
    void bothWriteWithoutEndAndNothingIsLostOrDoubled() throws Exception {
        one.create(mesh);
        Map<String, Position> acknowledged = new ConcurrentHashMap<>();
        try (ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (TestRegion region : List.of(one, two)) {
                for (int writer = 0; writer < 3; writer++) {
                    String name = (region == one ? "one-" : "two-") + writer + "-";
                    running.add(writers.submit(() -> {
                        for (int i = 0; i < 10; i++) {
                            CommandRequest request = region.request(mesh, TestRegion.label(name + i));
                            acknowledged.put(request.commandId(), untilAccepted(region, request));
                        }
                    }));
                }
            }
            for (Future<?> writer : running) {
                writer.get(60, TimeUnit.SECONDS);
            }
        }

        Map<String, Position> stored = new HashMap<>();
        LogState state = LogState.empty(mesh);
        for (EventEnvelope event : log()) {
            state = state.next(event);
            if (event.header().getIndexInCommand() == event.header().getEventsInCommand() - 1) {
                assertThat(stored.put(event.header().getCommandId(), event.position()))
                        .as("command %s is applied once", event.header().getCommandId())
                        .isNull();
            }
        }
        assertThat(acknowledged).hasSize(60);
        assertThat(stored).containsAllEntriesOf(acknowledged);
        assertThat(writersOf(log())).hasSize(2);
    }

    private static Map<String, Long> writersOf(List<EventEnvelope> log) {
        return log.stream()
                .collect(Collectors.groupingBy(event -> event.header().getWriterIncarnation(), Collectors.counting()));
    }

    private Position untilAccepted(TestRegion region, CommandRequest request) {
        Position[] position = new Position[1];
        Await.until("command " + request.commandId() + " is accepted", () -> {
            CommandOutcome outcome = Await.get(region.core().commands().execute(request, TestRegion.TIMEOUT));
            if (outcome instanceof CommandOutcome.Accepted accepted) {
                position[0] = accepted.position();
                return true;
            }
            assertThat(outcome).isInstanceOfAny(CommandOutcome.Unknown.class, CommandOutcome.Unavailable.class);
            return false;
        });
        return position[0];
    }

    /** From the rows, by a reader that knows nothing of either. */
    private List<EventEnvelope> log() {
        List<EventEnvelope> log = new ArrayList<>();
        try (var reader = kind.journal(data(kind)).reader(1)) {
            for (List<EventEnvelope> read = reader.read(mesh, 0, 1000);
                    !read.isEmpty();
                    read = reader.read(mesh, log.size(), 1000)) {
                log.addAll(read);
            }
        }
        return log;
    }

    /** A cluster of its own on the same journal. */
    private static TestRegion incarnation(JournalKind kind) {
        Config shared = ConfigFactory.parseString("meridian.core.shared = on").withFallback(kind.settings(data(kind)));
        FakePeers peers = new FakePeers();
        peers.add(TestRegion.US);
        return TestRegion.start(TestRegion.EU, data(kind), peers, List.of(), shared);
    }

    private static Path data(JournalKind kind) {
        return folder.resolve(kind.name());
    }
}
