package io.meridian.chaos.simulation;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Position;
import io.meridian.persistence.Manifest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One run of a scenario: trouble, then peace, in which everything has to come right (I11), then a write at every region, then the invariants of the end. */
final class Simulation {
    private static final String CONVERGE = "I11 regions converge";
    private static final long CONVERGENCE_MILLIS = 60_000;
    private static final long SETTLED_MILLIS = 2_500;
    private static final long PROBE_MILLIS = 20_000;
    private static final long SLICE_MILLIS = 250;

    private final World world;
    private final Fate fate;

    private Simulation(Scenario scenario, Mutant mutant, @Nullable Trace trace) {
        world = new World(scenario, mutant, trace);
        fate = new Fate(world);
    }

    /**
     * Throws InvariantViolation, with the step that broke it.
     *
     * @param trace takes down what happens; null to run faster
     */
    static Figures run(Scenario scenario, Mutant mutant, @Nullable Trace trace) {
        Simulation simulation = new Simulation(scenario, mutant, trace);
        try {
            simulation.run();
        } catch (InvariantViolation e) {
            if (simulation.world.facts().beyondPromises()) {
                return simulation.figures();
            }
            throw e.at(simulation.world.scheduler().steps());
        } catch (RuntimeException e) {
            throw new InvariantViolation("TOTAL", "the protocol or the simulation failed: " + e, e)
                    .at(simulation.world.scheduler().steps());
        }
        return simulation.figures();
    }

    private void run() {
        fate.begin();
        long end = world.scenario().faultsEndMillis();
        world.scheduler().runUntil(end);
        fate.heal();
        converge(end + CONVERGENCE_MILLIS);
        List<Operation> probes = new ArrayList<>();
        for (int place = 0; place < world.regions(); place++) {
            probes.add(fate.probe(place));
        }
        long until = world.nowMillis() + PROBE_MILLIS;
        while (world.nowMillis() < until && !probes.stream().allMatch(Operation::done)) {
            world.scheduler().runUntil(world.nowMillis() + SLICE_MILLIS);
        }
        for (Operation probe : probes) {
            if (!probe.judged()) {
                throw new InvariantViolation(CONVERGE, "faults are over and " + probe.id() + " is not answered", null);
            }
        }
        converge(world.nowMillis() + CONVERGENCE_MILLIS);
        world.end();
    }

    private void converge(long untilMillis) {
        long settledAtMillis = -1;
        while (settledAtMillis < 0 || world.nowMillis() - settledAtMillis < SETTLED_MILLIS) {
            world.scheduler().runUntil(world.nowMillis() + SLICE_MILLIS);
            String trouble = trouble();
            if (!trouble.isEmpty()) {
                settledAtMillis = -1;
                if (world.nowMillis() > untilMillis) {
                    throw new InvariantViolation(
                            CONVERGE, CONVERGENCE_MILLIS / 1000 + " s after the faults " + trouble, null);
                }
            } else if (settledAtMillis < 0) {
                settledAtMillis = world.nowMillis();
            }
        }
    }

    /** What is not right yet; empty if everything is. */
    private String trouble() {
        Region winner = world.facts().winner();
        if (winner.process() == null) {
            return winner.id + " is not open";
        }
        Head head = winner.disk.head();
        for (Region region : world.holders()) {
            MeshProcess process = region.process();
            if (process == null) {
                return region.id + " is not open";
            }
            if (!region.disk.head().equals(head)) {
                return "the heads differ: " + winner.id + " " + head.position() + ", " + region.id + " "
                        + region.disk.head().position();
            }
            MeshState state = process.state().durable().state();
            if (state.handover().isPresent() || state.sealed()) {
                return "the mesh is on its way to " + state.handover() + state.successor();
            }
        }
        return undeclared();
    }

    /** A tail that the log does not know of yet. */
    private String undeclared() {
        List<Region> gone = new ArrayList<>(world.regionsWithEvents());
        gone.removeAll(world.holders());
        if (gone.isEmpty()
                && world.regionsWithEvents().stream()
                        .allMatch(region -> region.disk.manifest().tails().isEmpty())) {
            return "";
        }
        List<EventEnvelope> branch = world.facts().branch();
        Set<Position> known = new HashSet<>(Facts.positions(branch));
        known.addAll(Facts.recorded(branch));
        for (Region region : world.regionsWithEvents()) {
            for (Manifest.Tail tail : region.disk.manifest().tails()) {
                for (EventEnvelope envelope : region.disk.readTail(tail, 0, Integer.MAX_VALUE)) {
                    if (!known.contains(envelope.position())) {
                        return "the tail " + tail.branch() + " of " + region.id + " is not recorded";
                    }
                }
            }
        }
        // Where a disk went back, the home may not have heard of them (DeclaredBranches).
        for (Region region : world.facts().restoredDisks() > 0 ? List.<Region>of() : gone) {
            for (EventEnvelope envelope : region.disk.read(0, Integer.MAX_VALUE)) {
                if (!known.contains(envelope.position())) {
                    return region.id + ", which is no member, has yet to leave " + envelope.position();
                }
            }
        }
        return "";
    }

    private Figures figures() {
        List<EventEnvelope> branch = world.facts().branch();
        long openings = world.facts().openings().values().stream()
                .filter(opened -> opened.cause() == MeshEvent.SegmentOpened.Cause.FORCED
                        || opened.cause() == MeshEvent.SegmentOpened.Cause.RECLAIMED)
                .count();
        return Figures.of(
                world.scheduler().steps(),
                world.nowMillis(),
                fate.happened(),
                openings,
                world.facts().acknowledgedWrites(),
                branch.size(),
                Facts.recorded(branch).size(),
                world.facts().synchronous());
    }
}
