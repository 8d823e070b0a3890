package io.meridian.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.chaos.nemesis.Nemeses;
import io.meridian.chaos.nemesis.Schedule;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Three regions as processes under random faults: {@code -Dmeridian.chaos.minutes} of them (without it the test is left out), {@code -Dmeridian.chaos.seed}
 * repeats a schedule, {@code -Dmeridian.chaos.nemesis} chooses others. A failed run leaves its history and the regions' logs under
 * target/chaos; {@code chaos-tests/chaos --check-only} judges them again.
 */
@Timeout(3600)
@EnabledIfSystemProperty(named = "meridian.chaos.minutes", matches = ".+")
final class ChaosIT {
    private static final double MINUTES = Double.parseDouble(System.getProperty("meridian.chaos.minutes", "1"));
    private static final long SEED = Long.getLong("meridian.chaos.seed", 20_261_129L);
    private static final String MOVES = System.getProperty("meridian.chaos.moves", "all");
    private static final String NEMESES = System.getProperty("meridian.chaos.nemesis", Chaos.DEFAULT_NEMESES);

    @Test
    void theRegionsKeepTheirPromisesUnderFaults() throws Exception {
        Settings settings = new Settings(
                Path.of(property("meridian.root")).toAbsolutePath().normalize(),
                Path.of(property("meridian.chaos.directory")).resolve("history-" + SEED + ".jsonl"),
                Duration.ofMillis((long) (MINUTES * 60_000)),
                SEED,
                Nemeses.parse(NEMESES),
                Settings.Durability.parse("mixed"),
                Settings.Moves.parse(MOVES),
                "192m",
                12,
                3,
                Duration.ofMillis(50));

        Report report = Chaos.perform(settings, notice -> System.out.println("chaos: " + notice));

        report.lines().forEach(System.out::println);
        assertThat(report.holds())
                .as("seed " + SEED + ", history " + settings.history() + "\n" + String.join("\n", report.lines()))
                .isTrue();
        assertThat(report.history().faults().stream()
                        .filter(fault -> fault.phase().equals("healed"))
                        .count())
                .as("all faults of the schedule came")
                .isEqualTo(Schedule.of(SEED, settings.length(), settings.nemeses())
                        .faults()
                        .size());
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("the build sets the system property " + name);
        }
        return value;
    }
}
