package io.meridian.chaos.simulation;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What happened in one or many runs. Immutable.
 *
 * @param takeovers epochs that were opened without a handover
 * @param acknowledged writes that a client was told to be done
 * @param events on the final branches
 * @param divergentEvents recorded as left behind
 * @param synchronousRuns in which I5 had to hold
 */
record Figures(
        long runs,
        long steps,
        long virtualMillis,
        Map<Fate.Kind, Long> happened,
        long takeovers,
        long acknowledged,
        long events,
        long divergentEvents,
        long synchronousRuns) {
    static final Figures NOTHING = new Figures(0, 0, 0, Map.of(), 0, 0, 0, 0, 0);

    Figures {
        happened = Map.copyOf(happened);
    }

    static Figures of(
            long steps,
            long virtualMillis,
            Map<Fate.Kind, Long> happened,
            long takeovers,
            long acknowledged,
            long events,
            long divergentEvents,
            boolean synchronous) {
        return new Figures(
                1,
                steps,
                virtualMillis,
                happened,
                takeovers,
                acknowledged,
                events,
                divergentEvents,
                synchronous ? 1 : 0);
    }

    Figures plus(Figures more) {
        Map<Fate.Kind, Long> all = new EnumMap<>(Fate.Kind.class);
        all.putAll(happened);
        more.happened.forEach((kind, times) -> all.merge(kind, times, Long::sum));
        return new Figures(
                runs + more.runs,
                steps + more.steps,
                virtualMillis + more.virtualMillis,
                all,
                takeovers + more.takeovers,
                acknowledged + more.acknowledged,
                events + more.events,
                divergentEvents + more.divergentEvents,
                synchronousRuns + more.synchronousRuns);
    }

    String line(double seconds) {
        return String.format(
                Locale.ROOT,
                "seeds=%d steps=%d virtual_hours=%.1f takeovers=%d acknowledged_writes=%d events=%d divergent_events=%d"
                        + " synchronous_runs=%d %s seeds_per_minute=%.0f",
                runs,
                steps,
                virtualMillis / 3_600_000.0,
                takeovers,
                acknowledged,
                events,
                divergentEvents,
                synchronousRuns,
                new TreeMap<>(happened),
                runs / Math.max(seconds, 0.001) * 60);
    }
}
