package io.meridian.chaos.simulation;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** A failing seed, with as few of its actions as it takes. */
record Failure(Scenario scenario, Mutant mutant, InvariantViolation violation, int dropped) {
    private static final int MOST_ATTEMPTS = 400;

    static Failure of(Scenario scenario, Mutant mutant, boolean shrink) {
        Failure drawn = new Failure(scenario, mutant, violationOf(scenario, mutant), 0);
        return shrink ? drawn.shrunk() : drawn;
    }

    private static InvariantViolation violationOf(Scenario scenario, Mutant mutant) {
        try {
            Simulation.run(scenario, mutant, null);
        } catch (InvariantViolation e) {
            return e;
        }
        throw new IllegalStateException("seed " + scenario.seed()
                + " failed before and does not fail again: the simulation is not deterministic");
    }

    /** Drops actions, first many at once, while the same invariant still fails. */
    @SuppressWarnings("ReferenceEquality") // This one is given back where there is no smaller one.
    private Failure shrunk() {
        Failure best = this;
        int attempts = 0;
        for (int size = Math.max(scenario.actions().size() / 2, 1); size >= 1; size /= 2) {
            int from = 0;
            while (from < best.scenario.actions().size() && attempts < MOST_ATTEMPTS) {
                List<Action> rest = new ArrayList<>(best.scenario.actions());
                rest.subList(from, Math.min(from + size, rest.size())).clear();
                Failure smaller = best.with(rest);
                attempts++;
                if (smaller == best) {
                    from += size;
                } else {
                    best = smaller;
                }
            }
        }
        return best;
    }

    /** This one if it does not fail in the same way. */
    private Failure with(List<Action> actions) {
        Scenario fewer = scenario.with(actions);
        try {
            Simulation.run(fewer, mutant, null);
        } catch (InvariantViolation e) {
            if (e.invariant().equals(violation.invariant())) {
                return new Failure(
                        fewer, mutant, e, dropped + scenario.actions().size() - actions.size());
            }
        }
        return this;
    }

    void print(PrintStream out, int traceLines) {
        Trace trace = new Trace(traceLines);
        try {
            Simulation.run(scenario, mutant, trace);
        } catch (InvariantViolation e) {
            out.println("seed " + scenario.seed() + ": " + scenario.summary());
            out.println(scenario.actions().size() + " actions (" + dropped + " that it does not take are left out):");
            scenario.actions().forEach(action -> out.println("    " + action));
            out.println("the last of what happened:");
            trace.lines().forEach(line -> out.println("    " + line));
            out.println("seed " + scenario.seed() + " broke " + e.invariant() + " at step " + e.step() + ": "
                    + e.getMessage());
            if (e.getCause() != null) {
                e.getCause().printStackTrace(out);
            }
        }
    }
}
