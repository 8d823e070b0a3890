package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.events.v1.EventHeader;
import io.meridian.api.type.v1.Position;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three regions as processes, and what becomes of a mesh's log in them. */
final class ReplicationIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration WRITE = Duration.ofSeconds(10);
    private static final int CATCH_UP_EVENTS = 3_000;

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

    /** Each test may leave regions dead. */
    @AfterEach
    void startAll() throws Exception {
        regions.startAll();
    }

    @Test
    void allRegionsHoldTheSameBytesAfterAReplicaDiedUnderLoad() throws Exception {
        regions.api("us-1").createMesh("load", "eu-1", 0);
        Await.until("the mesh is known everywhere", SOON, () -> headsAreEqual("load"));
        assertThat(regions.api("ap-1").mesh("load").getHomeRegion()).isEqualTo("eu-1");

        Map<String, Position> acknowledged;
        try (Writers writers = new Writers("load")) {
            for (String region : Regions.NAMES) {
                writers.with(region + "-a", regions.api(region)).with(region + "-b", regions.api(region));
            }
            writers.await(300, SOON);
            regions.kill("ap-1");
            writers.await(300, SOON);
            regions.start("ap-1");
            long before = writers.count("ap-1-a");
            Await.until(
                    "clients of the restarted region write again", SOON, () -> writers.count("ap-1-a") > before + 10);
            acknowledged = writers.stop();
        }

        assertThat(acknowledged.keySet()).anyMatch(id -> id.startsWith("us-1")).anyMatch(id -> id.startsWith("ap-1"));
        LogCheck log = sameLogEverywhere("load").holds(acknowledged);
        assertThat(log.headers()).extracting(EventHeader::getOriginRegion).contains("eu-1", "us-1", "ap-1");
        assertThat(log.headers())
                .extracting(EventHeader::getEpoch)
                .as("one home")
                .containsOnly(acknowledged.values().iterator().next().getEpoch());
    }

    @Test
    void aReplicaCatchesUpWithWhatItMissed() throws Exception {
        regions.api("eu-1").createMesh("missed", "eu-1", 0);
        Await.until("the mesh is known everywhere", SOON, () -> headsAreEqual("missed"));
        regions.kill("us-1");
        Map<String, Position> acknowledged;
        try (Writers writers = new Writers("missed")) {
            for (int i = 0; i < 16; i++) {
                writers.with("w" + i, regions.api(i % 2 == 0 ? "eu-1" : "ap-1"));
            }
            writers.await(CATCH_UP_EVENTS, SOON);
            acknowledged = writers.stop();
        }
        regions.start("us-1");
        assertThat(sameLogEverywhere("missed").holds(acknowledged).headers()).hasSizeGreaterThan(CATCH_UP_EVENTS);
        // And the region that was away gives what it holds to proxies and people alike.
        assertThat(regions.api("us-1").mesh("missed").getStateHash())
                .isEqualTo(regions.api("eu-1").mesh("missed").getStateHash());
    }

    @Test
    void anAcknowledgedWriteOfASynchronousMeshIsInAnotherRegionWhenItsHomeDies() throws Exception {
        regions.api("eu-1").createMesh("sync", "eu-1", 1);
        for (int round = 0; round < 3; round++) {
            String last;
            try (Writers writers = new Writers("sync")) {
                writers.with("round" + round, regions.api("eu-1"));
                writers.await(20, SOON);
                // Right after this one's acknowledgement, with another client at work.
                last = "last-" + round;
                regions.api("eu-1").write("sync", last, WRITE);
                regions.kill("eu-1");
                Map<String, Position> acknowledged = writers.acknowledged();
                List<LogCheck> others = Stream.of("us-1", "ap-1")
                        .map(region ->
                                LogCheck.verified(region, regions.api(region).log("sync")))
                        .toList();
                assertThat(others).as("the last write before the kill").anyMatch(log -> log.has(last));
                for (String id : acknowledged.keySet()) {
                    assertThat(others).as(id).anyMatch(log -> log.has(id));
                }
                regions.start("eu-1");
                writers.await(1, SOON);
                sameLogEverywhere("sync", writers.stop());
            }
        }
    }

    @Test
    void aSynchronousMeshWithoutReplicasNeverSaysOkAndNeverTurnsAsynchronous() throws Exception {
        regions.api("eu-1").createMesh("strict", "eu-1", 1);
        WriteResponse before = regions.api("eu-1").write("strict", "before", WRITE);
        regions.kill("us-1");
        regions.kill("ap-1");
        for (String id : List.of("alone-1", "alone-2")) {
            StatusRuntimeException refused = catchThrowableOfType(
                    StatusRuntimeException.class, () -> regions.api("eu-1").write("strict", id, Duration.ofSeconds(3)));
            assertThat(refused).as(id + " must not be acknowledged").isNotNull();
            assertThat(refused.getStatus().getCode()).isIn(Status.Code.DEADLINE_EXCEEDED, Status.Code.UNAVAILABLE);
        }
        Mesh mesh = regions.api("eu-1").mesh("strict");
        assertThat(mesh.getSpec().getDurability().getSyncReplicas()).isEqualTo(1);

        regions.start("us-1");
        Await.until("a replica is back, and the writes are acknowledged", SOON, () -> {
            regions.api("eu-1").write("strict", "alone-1", Duration.ofSeconds(3));
            regions.api("eu-1").write("strict", "alone-2", Duration.ofSeconds(3));
            return true;
        });
        LogCheck log = LogCheck.verified("us-1", regions.api("us-1").log("strict"));
        assertThat(log.has("alone-1")).isTrue();
        assertThat(log.has("alone-2")).isTrue();
        log.holds(Map.of("before", before.getPosition()));
        assertThat(log.headers()).extracting(EventHeader::getType).doesNotContain("MeshUpdated");
        regions.startAll();
        sameLogEverywhere("strict");
    }

    private static boolean headsAreEqual(String mesh) {
        return Regions.NAMES.stream()
                        .map(region -> regions.api(region).head(mesh))
                        .distinct()
                        .count()
                == 1;
    }

    private static void sameLogEverywhere(String mesh, Map<String, Position> acknowledged) {
        sameLogEverywhere(mesh).holds(acknowledged);
    }

    /** Once nothing moves any more. */
    private static LogCheck sameLogEverywhere(String mesh) {
        Await.until(
                () -> "all regions hold the same head; they hold "
                        + Regions.NAMES.stream()
                                .map(region -> region + " "
                                        + regions.api(region).head(mesh).getSeq())
                                .collect(Collectors.joining(", ")),
                SOON,
                () -> headsAreEqual(mesh));
        List<Envelope> home = regions.api("eu-1").log(mesh);
        for (String region : List.of("us-1", "ap-1")) {
            List<Envelope> replica = regions.api(region).log(mesh);
            assertThat(replica).as(region).hasSameSizeAs(home);
            for (int i = 0; i < home.size(); i++) {
                assertThat(replica.get(i)).as(region + ": event " + (i + 1)).isEqualTo(home.get(i));
            }
        }
        return LogCheck.verified("eu-1", home);
    }
}
