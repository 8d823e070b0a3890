package io.meridian.chaos.simulation;

import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.Decider;
import io.meridian.model.mesh.Membership;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Everything of one run, and where it is told to the invariants what happened. */
final class World {
    private static final MeshId MESH = new MeshId("mesh");
    private static final Decider DECIDER = new Decider(new NoResources());

    private final Scenario scenario;
    private final Mutant mutant;
    private final @Nullable Trace trace;
    private final Scheduler scheduler = new Scheduler();
    private final Network network;
    private final SplittableRandom disks;
    private final List<Region> members = new ArrayList<>();
    private final List<Operation> operations = new ArrayList<>();
    private final Facts facts;
    private final List<Invariant> invariants;
    private @Nullable Position newestAcknowledged;

    /** {@code trace}: null if nobody wants it. */
    World(Scenario scenario, Mutant mutant, @Nullable Trace trace) {
        this.scenario = scenario;
        this.mutant = mutant;
        this.trace = trace;
        SplittableRandom random = new SplittableRandom(scenario.seed() ^ 0x5DEECE66DL);
        network = new Network(scheduler, random.split(), scenario.members(), scenario.network());
        disks = random.split();
        SplittableRandom clocks = random.split();
        for (int place = 0; place < scenario.members(); place++) {
            Clock clock = new Clock(
                    scheduler,
                    clocks.nextLong(1_000_000),
                    1 + clocks.nextDouble(-0.02, 0.02),
                    clocks.nextLong(-600_000, 600_000));
            String name = (place < scenario.regions() ? "r" : place < scenario.voters() ? "w" : "d") + place;
            members.add(new Region(this, place, new RegionId(name, place + 1), clock));
        }
        facts = new Facts(this);
        invariants = Invariants.all(this);
    }

    Scenario scenario() {
        return scenario;
    }

    boolean has(Mutant planted) {
        return mutant == planted;
    }

    MeshId mesh() {
        return MESH;
    }

    Decider decider() {
        return DECIDER;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    long nowMillis() {
        return scheduler.nowMillis();
    }

    Network network() {
        return network;
    }

    SplittableRandom diskRandom() {
        return disks.split();
    }

    Facts facts() {
        return facts;
    }

    List<Operation> operations() {
        return operations;
    }

    int members() {
        return members.size();
    }

    int regions() {
        return scenario.regions();
    }

    /** The witness comes behind the regions, and one in reserve behind that. */
    Region member(int place) {
        return members.get(place);
    }

    /** Those that keep events. */
    List<Region> regionsWithEvents() {
        return members.stream().filter(member -> !member.isWitness()).toList();
    }

    /** Those whose logs have to be equal in the end: the members by the log of the highest head that keep events. */
    List<Region> holders() {
        MeshProcess winner = facts.winner().process();
        Optional<Membership> named = winner == null
                ? Optional.empty()
                : winner.state().durable().state().membership();
        return regionsWithEvents().stream()
                .filter(region ->
                        named.map(membership -> membership.contains(region.id)).orElse(!region.isInReserve()))
                .toList();
    }

    int placeOf(RegionId id) {
        return id.index() - 1;
    }

    int placeOf(Epoch epoch) {
        return epoch.regionIndex() - 1;
    }

    OptionalInt placeOf(String name) {
        return members.stream()
                .filter(member -> member.id.name().equals(name))
                .mapToInt(member -> member.place)
                .findFirst();
    }

    void trace(Supplier<String> line) {
        if (trace != null) {
            trace.add(nowMillis(), line.get());
        }
    }

    Optional<Position> newestAcknowledged() {
        return Optional.ofNullable(newestAcknowledged);
    }

    // What happened.

    void stored(Region region, Disk.Stored what) {
        facts.stored(region, what);
        invariants.forEach(invariant -> invariant.stored(region, what));
    }

    void opened(Region region, Disk.Opened opened) {
        invariants.forEach(invariant -> invariant.opened(region, opened));
    }

    void restored(Region region) {
        facts.restored(region);
        invariants.forEach(invariant -> invariant.restored(region));
    }

    void promised(Region region, Epoch epoch) {
        invariants.forEach(invariant -> invariant.promised(region, epoch));
    }

    /** A home gave an answer; whether the client hears it is another matter. */
    void answered(Region region, CommandOutcome outcome) {
        if (outcome instanceof CommandOutcome.Accepted accepted) {
            facts.okay(nowMillis(), accepted.position());
        }
    }

    void acknowledged(Operation operation) {
        newestAcknowledged = operation.position();
        facts.acknowledged();
    }

    void found(Region region, Position demanded, MeshState state) {
        invariants.forEach(invariant -> invariant.found(region, demanded, state));
    }

    void rolledBack(Region region, Position demanded) {
        facts.rolledBack(demanded);
    }

    void end() {
        invariants.forEach(Invariant::atEnd);
    }
}
