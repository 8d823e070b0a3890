package io.meridian.chaos.nemesis;

import io.meridian.chaos.nemesis.Nemesis.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * When which fault comes, decided by the seed before anything runs. Pure.
 *
 * @param faults in the order of their beginnings
 */
public record Schedule(List<Planned> faults) {
    private static final Duration FIRST_QUIET = Duration.ofSeconds(4);
    private static final int SHORTEST_MILLIS = 3_000;
    /** Beyond the times after which regions give each other up (5 s), and beyond those of most calls (10 s). */
    private static final int MORE_MILLIS = 11_000;

    private static final int SHORTEST_QUIET_MILLIS = 2_000;
    private static final int MORE_QUIET_MILLIS = 5_000;

    /**
     * @param at since the beginning
     * @param seed for {@link Nemesis#start}
     */
    public record Planned(Duration at, Duration duration, Nemesis nemesis, long seed) {}

    public Schedule {
        faults = List.copyOf(faults);
    }

    /** All faults end before {@code total}. Each lane that has a nemesis is busy about two thirds of the time. */
    public static Schedule of(long seed, Duration total, List<Nemesis> nemeses) {
        List<Planned> faults = new ArrayList<>();
        for (Lane lane : Lane.values()) {
            List<Nemesis> candidates =
                    nemeses.stream().filter(nemesis -> nemesis.lane() == lane).toList();
            if (!candidates.isEmpty()) {
                // A lane's faults stay the same whatever the other lane has.
                plan(new Random(seed * 31 + lane.name().hashCode()), total, candidates, faults);
            }
        }
        faults.sort((a, b) -> a.at().compareTo(b.at()));
        return new Schedule(faults);
    }

    private static void plan(Random random, Duration total, List<Nemesis> candidates, List<Planned> faults) {
        Duration at = FIRST_QUIET.plusMillis(random.nextInt(MORE_QUIET_MILLIS));
        while (true) {
            Duration duration = Duration.ofMillis(SHORTEST_MILLIS + random.nextInt(MORE_MILLIS));
            Nemesis nemesis = candidates.get(random.nextInt(candidates.size()));
            long seed = random.nextLong();
            if (at.plus(duration).compareTo(total) >= 0) {
                return;
            }
            faults.add(new Planned(at, duration, nemesis, seed));
            at = at.plus(duration).plusMillis(SHORTEST_QUIET_MILLIS + random.nextInt(MORE_QUIET_MILLIS));
        }
    }

    public List<Planned> lane(Lane lane) {
        return faults.stream().filter(fault -> fault.nemesis().lane() == lane).toList();
    }
}
