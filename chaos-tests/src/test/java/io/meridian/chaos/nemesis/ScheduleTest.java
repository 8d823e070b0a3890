package io.meridian.chaos.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.chaos.nemesis.Nemesis.Lane;
import io.meridian.chaos.nemesis.Schedule.Planned;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
    private static final List<Nemesis> ALL = Nemeses.parse("all");

    @Test
    void theSameSeedGivesTheSameFaults() {
        assertThat(Schedule.of(7, FIVE_MINUTES, ALL)).isEqualTo(Schedule.of(7, FIVE_MINUTES, ALL));
        assertThat(Schedule.of(8, FIVE_MINUTES, ALL)).isNotEqualTo(Schedule.of(7, FIVE_MINUTES, ALL));
    }

    @Test
    void aLanesFaultsComeOneAfterTheOtherAndEndInTime() {
        for (long seed = 0; seed < 50; seed++) {
            for (Lane lane : Lane.values()) {
                Duration free = Duration.ZERO;
                for (Planned fault : Schedule.of(seed, FIVE_MINUTES, ALL).lane(lane)) {
                    assertThat(fault.at()).as("seed " + seed).isGreaterThan(free);
                    free = fault.at().plus(fault.duration());
                    assertThat(free).as("seed " + seed).isLessThan(FIVE_MINUTES);
                }
            }
        }
    }

    @Test
    void everyKindComesInTime() {
        assertThat(Schedule.of(1, Duration.ofHours(1), ALL).faults().stream()
                        .map(fault -> fault.nemesis().name())
                        .collect(Collectors.toSet()))
                .hasSameSizeAs(ALL);
    }

    @Test
    void whatTheOtherLaneHasChangesNothing() {
        List<Nemesis> killsOnly = Nemeses.parse("kill,pause");
        List<Nemesis> both = Nemeses.parse("kill,pause,isolate");
        assertThat(Schedule.of(3, FIVE_MINUTES, both).lane(Lane.PROCESS))
                .isEqualTo(Schedule.of(3, FIVE_MINUTES, killsOnly).lane(Lane.PROCESS));
    }

    @Test
    void anUnknownNameIsRefusedWithThoseThatThereAre() {
        assertThatThrownBy(() -> Nemeses.parse("kill,flood"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"flood\"")
                .hasMessageContaining("isolate");
    }
}
