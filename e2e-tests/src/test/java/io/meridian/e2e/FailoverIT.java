package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.util.Durations;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.Branch;
import io.meridian.api.admin.v1.MoveHomeReport;
import io.meridian.api.admin.v1.MoveHomeStep;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.events.v1.BranchEntry;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.type.v1.Position;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Homes of meshes move between three regions as processes. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class FailoverIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration WRITE = Duration.ofSeconds(10);
    private static final Duration MOVE = Duration.ofSeconds(30);
    private static final int HANDOVERS = 6;

    @TempDir
    static Path folder;

    private static Regions regions;

    @BeforeAll
    static void start() throws Exception {
        regions = Regions.start(folder);
    }

    @AfterAll
    static void stop() {
        regions.close();
    }

    /** Each test may leave regions dead, or not yet heard by the others. */
    @AfterEach
    void startAll() throws Exception {
        regions.startAll();
    }

    @Test
    void plannedHandoversUnderLoadLoseNothing() throws Exception {
        create("drill", 0);
        List<Long> gaps = new ArrayList<>();
        Map<String, Position> acknowledged;
        try (Writers writers = new Writers("drill")) {
            for (String region : Regions.NAMES) {
                writers.with(region, regions.api(region));
            }
            for (int i = 1; i <= HANDOVERS; i++) {
                writers.await(30, SOON);
                String to = Regions.NAMES.get(i % Regions.NAMES.size());
                MoveHomeReport report = regions.api("ap-1").handover("drill", to, MOVE);
                assertThat(report.getToRegion()).isEqualTo(to);
                assertThat(report.getEventsAtRisk()).isZero();
                gaps.add(Durations.toMillis(report.getWriteGap()));
            }
            writers.await(30, SOON);
            acknowledged = writers.stop();
        }

        System.out.println(HANDOVERS + " handovers under load paused writes for " + gaps + " ms");
        sameLogEverywhere("drill").holds(acknowledged);
        assertThat(regions.api("eu-1").branches("drill")).isEmpty();
    }

    @Test
    void stepsOfAMoveComeAsTheyHappenThoughAnotherRegionCarriesItOut() {
        create("steps", 0);

        List<MoveHomeStep> steps = regions.api("ap-1").handoverSteps("steps", "us-1", MOVE);

        assertThat(steps).hasSizeGreaterThanOrEqualTo(3);
        long first = Durations.toMillis(steps.getFirst().getAt());
        long last = Durations.toMillis(steps.getLast().getAt());
        assertThat(last)
                .as("three commits in two regions lie between draining and the opening")
                .isGreaterThan(first);
    }

    @Test
    void aRegionTakesOverAndTheOldHomesTailIsListedWhenItReturns() throws Exception {
        create("disaster", 0);
        Map<String, Position> acknowledged = new HashMap<>();
        try (Writers writers = new Writers("disaster")) {
            writers.with("a", regions.api("eu-1")).with("b", regions.api("eu-1"));
            writers.await(50, SOON);
            regions.kill("eu-1");
            acknowledged.putAll(writers.acknowledged());
        }
        Await.until(
                "the others notice",
                SOON,
                () -> !regions.api("us-1").plan("disaster", "us-1").getHomeReachable());
        assertThat(regions.api("us-1").plan("disaster", "us-1").getAdvice()).isEqualTo("failover");

        long began = System.nanoTime();
        MoveHomeReport report = regions.api("us-1").failover("disaster", "us-1", false, MOVE);
        WriteResponse first = regions.api("us-1").write("disaster", "first", WRITE);
        System.out.println("a forced failover took " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began)
                + " ms from the command to the first accepted write");

        assertThat(report.getToRegion()).isEqualTo("us-1");
        assertThat(report.getTakeover().getPromisedByList()).containsExactlyInAnyOrder("us-1", "ap-1");
        assertThat(report.getTakeover().getUnheardList()).containsExactly("eu-1");
        acknowledged.put("first", first.getPosition());
        regions.start("eu-1");
        LogCheck log = sameLogEverywhere("disaster");
        Map<String, Position> left = log.leftBehind(regions.api("us-1"), "disaster", acknowledged, SOON);
        acknowledged.keySet().removeAll(left.keySet());
        log.holds(acknowledged);
        // The returned home takes no writes itself any more, and sends them on.
        Position through =
                regions.api("eu-1").write("disaster", "through", WRITE).getPosition();
        assertThat(through.getEpoch()).isEqualTo(first.getPosition().getEpoch());
    }

    @Test
    void whatWasLeftBehindIsRolledBackToItsReadersAndCanBeBroughtBack() throws Exception {
        create("left", 0);
        regions.kill("us-1");
        regions.kill("ap-1");
        Position lost = regions.api("eu-1").write("left", "lost", WRITE).getPosition();
        regions.kill("eu-1");
        regions.start("us-1");
        regions.start("ap-1");
        Await.until("the region takes over", SOON, () -> {
            regions.api("us-1").failover("left", "us-1", false, MOVE);
            return true;
        });
        regions.start("eu-1");
        Await.until(
                "the tail is recorded",
                SOON,
                () -> !regions.api("us-1").branches("left").isEmpty());
        sameLogEverywhere("left");

        StatusRuntimeException rolledBack = catchThrowableOfType(
                StatusRuntimeException.class, () -> regions.api("us-1").meshAt("left", lost, WRITE));
        assertThat(rolledBack.getStatus().getCode()).isEqualTo(Status.Code.ABORTED);
        assertThat(rolledBack.getStatus().getDescription()).contains("not on the current branch");
        Branch branch = regions.api("ap-1").branches("left").getFirst();
        assertThat(branch.getOriginRegion()).isEqualTo("eu-1");
        BranchEntry entry = branch.getEntriesList().getFirst();
        assertThat(entry.getCommandId()).isEqualTo("lost");
        assertThat(entry.getLast()).isEqualTo(lost);
        assertThat(entry.getAssessment()).isEqualTo(BranchEntry.Assessment.REAPPLIABLE);
        assertThat(regions.api("ap-1").branch(branch.getName()).getEventsList()).isNotEmpty();

        regions.api("ap-1").reapply(branch.getName(), false, entry.getLast());

        assertThat(sameLogEverywhere("left").has("lost")).isTrue();
        assertThat(regions.api("eu-1").branch(branch.getName()).getOpenEntries())
                .isZero();
    }

    @Test
    void asynchronousWritesSurviveAForcedFailoverOfASynchronousMesh() throws Exception {
        create("sync", 1);
        Map<String, Position> acknowledged;
        try (Writers writers = new Writers("sync")) {
            writers.with("a", regions.api("eu-1")).with("b", regions.api("eu-1"));
            writers.await(30, SOON);
            regions.kill("eu-1");
            acknowledged = writers.acknowledged();
        }
        regions.api("ap-1").failover("sync", "ap-1", false, MOVE);
        regions.start("eu-1");

        sameLogEverywhere("sync").holds(acknowledged);
    }

    @Test
    void whatCannotMoveIsRefused() throws Exception {
        create("stays", 0);

        assertThat(refusal(() -> regions.api("eu-1").handover("stays", "mars", MOVE)))
                .contains("mars");
        assertThat(refusal(() -> regions.api("eu-1").handover("stays", "eu-1", MOVE)))
                .contains("already");
        assertThat(refusal(() -> regions.api("eu-1").failover("stays", "eu-1", false, MOVE)))
                .contains("already");
        assertThat(regions.api("eu-1")
                        .write("stays", "still", WRITE)
                        .getPosition()
                        .getEpoch())
                .isEqualTo(regions.api("us-1").head("stays").getEpoch());
    }

    private static String refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(refused).isNotNull();
        return String.valueOf(refused.getStatus().getDescription());
    }

    private static void create(String mesh, int syncReplicas) {
        regions.api("eu-1").createMesh(mesh, "eu-1", syncReplicas);
        Await.until("the mesh is known everywhere", SOON, () -> headsAreEqual(mesh));
    }

    private static boolean headsAreEqual(String mesh) {
        return Regions.NAMES.stream()
                        .map(region -> regions.api(region).head(mesh))
                        .distinct()
                        .count()
                == 1;
    }

    /** Once nothing moves any more. */
    private static LogCheck sameLogEverywhere(String mesh) {
        Await.until("all regions hold the same head", SOON, () -> headsAreEqual(mesh));
        List<Envelope> first = regions.api("eu-1").log(mesh);
        for (String region : List.of("us-1", "ap-1")) {
            assertThat(regions.api(region).log(mesh)).as(region).isEqualTo(first);
        }
        return LogCheck.verified("eu-1", first);
    }
}
