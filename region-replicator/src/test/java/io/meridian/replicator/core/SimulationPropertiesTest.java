package io.meridian.replicator.core;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** The promise of docs/replication.md under faults: each failing seed is printed and can be run again. */
class SimulationPropertiesTest {
    @Property(tries = 100, shrinking = ShrinkingMode.OFF)
    void aReplicaIsAPrefixOfTheHomeAndCatchesUpOnceFaultsStop(@ForAll long seed) {
        new Simulation(seed, false).run();
    }

    @Property(tries = 100, shrinking = ShrinkingMode.OFF)
    void soDoesOneThatAlsoReadsATopic(@ForAll long seed) {
        new Simulation(seed, true).run();
    }
}
