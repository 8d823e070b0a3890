package io.meridian.chaos.simulation;

/** Whether a planted bug was caught, by which seed and which invariant. */
record Kill(Mutant mutant, boolean caught, long seedsTried, long seed, String invariant) {

    /** Tries seeds until one catches it. */
    static Kill within(Mutant mutant, long fromSeed, long seeds) {
        for (long seed = fromSeed; seed < fromSeed + seeds; seed++) {
            try {
                Simulation.run(Scenario.of(seed), mutant, null);
            } catch (InvariantViolation e) {
                return new Kill(mutant, true, seed - fromSeed + 1, seed, e.invariant());
            }
        }
        return new Kill(mutant, false, seeds, 0, "");
    }

    String line() {
        return mutant + ": " + mutant.bug() + ": "
                + (caught
                        ? "caught by seed " + seed + " (" + invariant + ")"
                        : "NOT CAUGHT by " + seedsTried + " seeds");
    }
}
