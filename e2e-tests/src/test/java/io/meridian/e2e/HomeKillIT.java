package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.Position;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The home of a mesh is killed with kill -9 while clients write to it, directly and through another region, and comes back; again and again
 * ({@code -Dmeridian.kill.rounds}, 6 by default).
 */
final class HomeKillIT {
    private static final int ROUNDS = Integer.getInteger("meridian.kill.rounds", 6);
    private static final int RETRIES = 5;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration WRITE = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    @Test
    void everyAcknowledgedWriteOutlivesTheHomeAndIsThereOnce() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (Regions regions = Regions.start(folder);
                Writers writers = new Writers("home")) {
            regions.api("eu-1").createMesh("home", "eu-1", 0);
            Await.until(
                    "us-1 knows the mesh",
                    SOON,
                    () -> regions.api("us-1").mesh("home").getHomeRegion().equals("eu-1"));
            writers.with("direct-a", regions.api("eu-1"))
                    .with("direct-b", regions.api("eu-1"))
                    .with("direct-c", regions.api("eu-1"))
                    .with("forwarded-a", regions.api("us-1"))
                    .with("forwarded-b", regions.api("us-1"));
            for (int round = 0; round < ROUNDS; round++) {
                writers.await(50 + random.nextInt(150), SOON);
                Map<String, Position> before = writers.acknowledged();
                regions.kill("eu-1");
                regions.start("eu-1");
                retriesAreRecognised(regions, before, round);
            }
            writers.await(50, SOON);
            Map<String, Position> acknowledged = writers.stop();

            LogCheck.verified("eu-1", regions.api("eu-1").log("home")).holds(acknowledged);
            Position head = regions.api("eu-1").head("home");
            for (String replica : new String[] {"us-1", "ap-1"}) {
                Await.until(
                        replica + " holds all",
                        SOON,
                        () -> regions.api(replica).head("home").equals(head));
                assertThat(regions.api(replica).log("home"))
                        .isEqualTo(regions.api("eu-1").log("home"));
            }
            assertThat(writers.repeated())
                    .as("the kills were felt, seed " + seed)
                    .isPositive();
            System.out.printf(
                    "%d kills of the home, %d acknowledged writes, none lost; %d attempts repeated, of which the home knew %d%n",
                    ROUNDS, acknowledged.size(), writers.repeated(), writers.recognised());
        }
    }

    /** A client that did not hear the answer asks again, and gets the answer that it missed. */
    private static void retriesAreRecognised(Regions regions, Map<String, Position> before, int round) {
        String through = round % 2 == 0 ? "eu-1" : "us-1";
        // The newest: a mesh remembers its last 4096 commands.
        Comparator<Map.Entry<String, Position>> bySeq =
                Comparator.comparingLong(write -> write.getValue().getSeq());
        before.entrySet().stream()
                .sorted(bySeq.reversed())
                .limit(RETRIES)
                .forEach(write -> Await.until(
                        "the retry of " + write.getKey() + " through " + through + " is recognised", SOON, () -> {
                            regions.api(through).reconnect();
                            WriteResponse again = regions.api(through).write("home", write.getKey(), WRITE);
                            assertThat(again.getReplayed()).isTrue();
                            return again.getPosition().equals(write.getValue());
                        }));
    }
}
