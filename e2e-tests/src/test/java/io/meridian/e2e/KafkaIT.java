package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.admin.v1.MoveHomeReport;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.type.v1.Position;
import io.meridian.kafka.fixture.Broker;
import java.nio.file.Path;
import java.time.Duration;
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

/** Three regions as processes whose events go by a Kafka broker, a process too; homes move and die, and so does the broker. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class KafkaIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration MOVE = Duration.ofSeconds(30);

    @TempDir
    static Path folder;

    private static Broker broker;
    private static Regions regions;

    @BeforeAll
    static void start() throws Exception {
        broker = Broker.start(folder.resolve("kafka"));
        regions = Regions.startWith(folder, """
                replication {
                    transport = kafka
                    kafka {
                      bootstrap-servers = "%s"
                      topic { partitions = 3, replication-factor = 1, min-insync-replicas = 1 }
                      down-after = 3s
                    }
                  }""".formatted(broker.address()));
    }

    @AfterAll
    static void stop() {
        regions.close();
        broker.close();
    }

    /** Each test may leave regions dead. */
    @AfterEach
    void startAll() throws Exception {
        regions.startAll();
    }

    @Test
    void writesHandoversAndAForcedFailoverBehindAKilledHomeLoseNothing() throws Exception {
        create("drill", 0);
        awaitTransport("kafka");
        Map<String, Position> acknowledged;
        try (Writers writers = new Writers("drill")) {
            for (String region : Regions.NAMES) {
                writers.with(region, regions.api(region));
            }
            for (String to : List.of("us-1", "ap-1", "eu-1")) {
                writers.await(30, SOON);
                MoveHomeReport report = regions.api("ap-1").handover("drill", to, MOVE);
                assertThat(report.getToRegion()).isEqualTo(to);
            }
            writers.await(30, SOON);
            regions.kill("eu-1");
            Await.until("us-1 takes over", SOON, () -> {
                regions.api("us-1").failover("drill", "us-1", false, MOVE);
                return true;
            });
            long before = writers.count("us-1");
            Await.until("writes go on", SOON, () -> writers.count("us-1") > before + 10);
            regions.start("eu-1");
            long returned = writers.count("eu-1");
            Await.until("through the old home too", SOON, () -> writers.count("eu-1") > returned + 10);
            acknowledged = new HashMap<>(writers.stop());
        }

        LogCheck log = sameLogEverywhere("drill");
        Map<String, Position> left = log.leftBehind(regions.api("us-1"), "drill", acknowledged, SOON);
        acknowledged.keySet().removeAll(left.keySet());
        log.holds(acknowledged);
        System.out.println("by Kafka: " + acknowledged.size() + " acknowledged writes in force, " + left.size()
                + " listed as left behind by the forced failover");
    }

    @Test
    void aSynchronousMeshLosesNothingToAForcedFailover() throws Exception {
        create("sync", 1);
        awaitTransport("kafka");
        for (String home : List.of("eu-1", "us-1")) {
            Map<String, Position> acknowledged;
            try (Writers writers = new Writers("sync")) {
                writers.with(home + "-a", regions.api(home)).with(home + "-b", regions.api(home));
                writers.await(50, SOON);
                regions.kill(home);
                acknowledged = writers.acknowledged();
            }
            String next = home.equals("eu-1") ? "us-1" : "ap-1";
            Await.until(next + " takes over", SOON, () -> {
                regions.api(next).failover("sync", next, false, MOVE);
                return true;
            });
            regions.start(home);
            sameLogEverywhere("sync").holds(acknowledged);
        }
    }

    @Test
    void aBrokerThatDiesDelaysNoWriteForLongAndIsUsedAgainWhenItIsBack() throws Exception {
        create("local", 0);
        create("strict", 1);
        awaitTransport("kafka");
        try (Writers local = new Writers("local");
                Writers strict = new Writers("strict")) {
            local.with("local", regions.api("eu-1"));
            strict.with("strict", regions.api("eu-1"));
            local.await(30, SOON);
            strict.await(30, SOON);

            broker.kill9();
            local.await(100, Duration.ofSeconds(10));
            strict.await(100, Duration.ofSeconds(20));
            awaitTransport("grpc: no answer");
            strict.await(30, SOON);

            broker.start();
            awaitTransport("kafka");
            local.await(30, SOON);
            strict.await(30, SOON);
            Map<String, Position> ofLocal = local.stop();
            Map<String, Position> ofStrict = strict.stop();
            assertThat(local.repeated() + strict.repeated())
                    .as("attempts without an answer")
                    .isZero();
            sameLogEverywhere("local").holds(ofLocal);
            sameLogEverywhere("strict").holds(ofStrict);
        }
    }

    private static void create(String mesh, int syncReplicas) {
        regions.api("eu-1").createMesh(mesh, "eu-1", syncReplicas);
        Await.until("the mesh is known everywhere", SOON, () -> headsAreEqual(mesh));
    }

    /** What each region says of all. */
    private static void awaitTransport(String beginning) {
        Await.until(
                () -> "everything goes by " + beginning + "; it goes by "
                        + Regions.NAMES.stream()
                                .map(region ->
                                        region + " " + regions.api(region).transports())
                                .toList(),
                SOON,
                () -> Regions.NAMES.stream()
                        .flatMap(region -> regions.api(region).transports().values().stream())
                        .allMatch(transport -> transport.startsWith(beginning)));
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
