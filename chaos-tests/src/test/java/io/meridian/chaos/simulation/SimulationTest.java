package io.meridian.chaos.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class SimulationTest {
    private static final long SEEDS = 300;

    @Test
    void everyInvariantHoldsInFixedSeeds() {
        Figures figures = Figures.NOTHING;
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                figures = figures.plus(Simulation.run(Scenario.of(seed), Mutant.NONE, null));
            } catch (InvariantViolation e) {
                throw new AssertionError(
                        "seed " + seed + " broke " + e.invariant() + " at step " + e.step() + ": " + e.getMessage()
                                + "; see chaos-tests/simulate --seeds 1 --from-seed " + seed,
                        e);
            }
        }
        // That the runs are about something.
        assertThat(figures.takeovers()).isGreaterThan(SEEDS / 4);
        assertThat(figures.acknowledged()).isGreaterThan(SEEDS * 10);
        assertThat(figures.divergentEvents()).isPositive();
        assertThat(figures.synchronousRuns()).isGreaterThan(SEEDS / 10);
        assertThat(figures.happened()).containsKeys(Fate.Kind.values());
    }

    @Test
    void theSameSeedRunsTheSameWay() {
        for (long seed = 1; seed <= 5; seed++) {
            Trace first = new Trace(Integer.MAX_VALUE);
            Trace second = new Trace(Integer.MAX_VALUE);

            Figures one = Simulation.run(Scenario.of(seed), Mutant.NONE, first);
            Figures other = Simulation.run(Scenario.of(seed), Mutant.NONE, second);

            assertThat(one).isEqualTo(other);
            assertThat(first.lines()).isNotEmpty().isEqualTo(second.lines());
        }
    }
}
