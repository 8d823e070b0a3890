package io.meridian.chaos.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class MutantTest {
    private static final long SEEDS = 300;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aPlantedBugIsCaught(Mutant mutant) {
        Kill kill = Kill.within(mutant, 1, SEEDS);

        System.out.println(kill.line());

        assertThat(kill.caught()).as(kill.line()).isTrue();
    }
}
