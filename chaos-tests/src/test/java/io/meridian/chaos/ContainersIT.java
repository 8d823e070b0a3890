package io.meridian.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.DockerClient;
import io.meridian.chaos.nemesis.Nemeses;
import io.meridian.chaos.region.Regions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.DockerClientFactory;

/**
 * As {@link ChaosIT}, half a minute with each region and each gateway in a container of its own; only where a Docker engine of this machine
 * answers, since none is started for it. Its faults are those that containers make otherwise than processes, and a network's.
 */
@Timeout(600)
final class ContainersIT {
    private static final long SEED = Long.getLong("meridian.chaos.seed", new Random().nextLong(1_000_000));
    private static final Duration LENGTH = Duration.ofSeconds(30);
    private static final String NEMESES = "kill,pause,disk-full,restore-old,isolate,reset,gateway-kill";

    @Test
    void regionsInContainersKeepTheirPromisesAndLeaveNothingInTheEngine() throws Exception {
        Optional<String> whyNot = Regions.whyNoContainers();
        assumeTrue(whyNot.isEmpty(), () -> "no run in containers: " + whyNot.orElse(""));
        Settings settings = new Settings(
                ChaosIT.root(),
                ChaosIT.directory().resolve("containers-" + SEED + ".jsonl"),
                LENGTH,
                SEED,
                Nemeses.parse(NEMESES),
                Settings.Durability.parse("mixed"),
                Settings.Moves.ALL,
                Regions.Kind.CONTAINERS,
                Regions.Between.PROXIES,
                "192m",
                12,
                3,
                Duration.ofMillis(50));

        Report report = ChaosIT.judge(settings);

        assertThat(report.history().faults())
                .extracting(fault -> fault.phase())
                .as("an engine of this machine allows all of them")
                .doesNotContain("skipped");
        DockerClient engine = DockerClientFactory.instance().client();
        Map<String, String> label =
                Map.of("io.meridian.chaos", settings.folder().resolve("regions").toString());
        assertThat(engine.listContainersCmd()
                        .withShowAll(true)
                        .withLabelFilter(label)
                        .exec())
                .isEmpty();
        assertThat(engine.listImagesCmd().withLabelFilter(label).exec()).isEmpty();
    }
}
