package io.meridian.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.meridian.chaos.history.Recorded.Fault;
import io.meridian.chaos.nemesis.Nemeses;
import io.meridian.chaos.nemesis.Schedule;
import io.meridian.chaos.region.Regions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three regions and their gateways as processes under random faults: {@code -Dmeridian.chaos.minutes} of them, 5 unless told, 0 for none.
 * The seed is another one each time, and printed; {@code -Dmeridian.chaos.seed} repeats a schedule, {@code -Dmeridian.chaos.nemesis} chooses
 * other faults, {@code -Dmeridian.chaos.moves} what homes do. A failed run leaves its history and the regions' logs under target/chaos;
 * {@code chaos-tests/chaos --check-only} judges them again.
 */
@Timeout(3600)
final class ChaosIT {
    private static final double MINUTES = minutes(System.getProperty("meridian.chaos.minutes", "5"));
    private static final long SEED = Long.getLong("meridian.chaos.seed", new Random().nextLong(1_000_000));
    private static final String MOVES = System.getProperty("meridian.chaos.moves", "all");
    private static final String NEMESES = System.getProperty("meridian.chaos.nemesis", Chaos.DEFAULT_NEMESES);

    private static double minutes(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("meridian.chaos.minutes: \"" + text + "\" is not a number", e);
        }
    }

    @Test
    void theRegionsKeepTheirPromisesUnderFaults() throws Exception {
        assumeTrue(MINUTES > 0, "meridian.chaos.minutes is 0");
        Settings settings = new Settings(
                root(),
                directory().resolve("history-" + SEED + ".jsonl"),
                Duration.ofMillis((long) (MINUTES * 60_000)),
                SEED,
                Nemeses.parse(NEMESES),
                Settings.Durability.parse("mixed"),
                Settings.Moves.parse(MOVES),
                Regions.Kind.PROCESSES,
                Regions.Between.PROXIES,
                "192m",
                12,
                3,
                Duration.ofMillis(50));

        judge(settings);
    }

    /** Runs it; fails unless all rules held and all faults came that this machine allows. */
    static Report judge(Settings settings) throws Exception {
        Report report = Chaos.perform(settings, notice -> System.out.println("chaos: " + notice));

        report.lines().forEach(System.out::println);
        assertThat(report.holds())
                .as("seed " + SEED + ", history " + settings.history() + "\n" + String.join("\n", report.lines()))
                .isTrue();
        assertThat(report.history().faults().stream()
                        .map(Fault::phase)
                        .filter(List.of("healed", "skipped")::contains)
                        .count())
                .as("all faults of the schedule came, or could not be made here")
                .isEqualTo(Schedule.of(settings.seed(), settings.length(), settings.nemeses())
                        .faults()
                        .size());
        return report;
    }

    static Path root() {
        return Path.of(property("meridian.root")).toAbsolutePath().normalize();
    }

    /** Where a run leaves what a person may want to see. */
    static Path directory() {
        return Path.of(property("meridian.chaos.directory"));
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("the build sets the system property " + name);
        }
        return value;
    }
}
