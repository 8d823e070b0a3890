package io.meridian.chaos.simulation;

import io.meridian.api.type.v1.Actor;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.core.protocol.Output;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.Origin;
import io.meridian.model.position.Epoch;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Makes a scenario's actions happen in a world. */
final class Fate {
    /** What happened, for the figures. */
    enum Kind {
        CRASH,
        PAUSE,
        PARTITION,
        JOURNAL_FAILURE,
        RESTORED_DISK,
        CLOCK_JUMP,
        HANDOVER_ASKED,
        HANDOVER,
        FAILOVER_ASKED,
        FAILOVER,
        MEMBERS_CHANGED
    }

    private static final Actor CLIENT =
            Actor.newBuilder().setSubject("client").setChannel("simulation").build();
    private static final int ATTEMPTS = 6;
    private static final int NAMESPACES = 4;

    private final World world;
    private final SplittableRandom clients;
    private final Map<Kind, Long> happened = new EnumMap<>(Kind.class);

    Fate(World world) {
        this.world = world;
        clients = new SplittableRandom(world.scenario().seed() ^ 0x2545F491L);
    }

    /** Of changes of members, those on the final branch. */
    Map<Kind, Long> happened() {
        long changes = world.facts().branch().stream()
                .filter(envelope -> AcknowledgedMembersStay.isChange(envelope))
                .count();
        if (changes > 0) {
            happened.put(Kind.MEMBERS_CHANGED, changes);
        }
        return happened;
    }

    /** Everything starts, and somebody makes the mesh. */
    void begin() {
        for (int place = 0; place < world.members(); place++) {
            world.member(place).start();
        }
        int home = clients.nextInt(world.regions());
        world.scheduler()
                .at(
                        200,
                        () -> send(
                                "create",
                                home,
                                new MeshCommand.CreateMesh(world.scenario().spec()),
                                20));
        for (int number = 0; number < NAMESPACES; number++) {
            String name = "n" + number;
            world.scheduler()
                    .at(
                            400 + number,
                            () -> send(
                                    "create-" + name, home, new MeshCommand.CreateNamespace(name, labelled("0")), 20));
        }
        world.scenario().actions().forEach(action -> world.scheduler().at(action.atMillis(), () -> happens(action)));
    }

    private void happens(Action action) {
        if (action.isFault()) {
            world.trace(() -> action.toString());
        }
        switch (action) {
            case Action.Command command -> send("c" + command.number(), command.region(), command(command), ATTEMPTS);
            case Action.Read(var at, var place) -> read(world.member(place));
            case Action.Handover(var at, var to) -> handover(to);
            case Action.Failover(var at, var to, var withoutMajority) -> failover(to, withoutMajority);
            case Action.Join(var at, var number, var place, var member) ->
                send(
                        "m" + number,
                        place,
                        new MeshCommand.JoinRegion(world.member(member).id.name(), false),
                        ATTEMPTS);
            case Action.Leave(var at, var number, var place, var member) ->
                send(
                        "m" + number,
                        place,
                        new MeshCommand.LeaveRegion(world.member(member).id.name(), false),
                        ATTEMPTS);
            case Action.Crash(var at, var place, var down) -> crash(world.member(place), down);
            case Action.Pause(var at, var place, var millis) -> {
                count(Kind.PAUSE);
                world.member(place).pause(millis);
            }
            case Action.JournalFailure(var at, var place) -> {
                MeshProcess process = world.member(place).process();
                if (process != null) {
                    count(Kind.JOURNAL_FAILURE);
                    process.failNextWrite(true);
                }
            }
            case Action.Partition partition -> partition(partition);
            case Action.Restore restore -> restore(restore);
            case Action.WallClockJump(var at, var place, var millis) -> {
                count(Kind.CLOCK_JUMP);
                world.member(place).clock.jump(millis);
            }
        }
    }

    private void count(Kind kind) {
        happened.merge(kind, 1L, Long::sum);
    }

    private static MeshCommand command(Action.Command command) {
        String label = "c" + command.number();
        int what = command.what();
        if (what < 6) {
            return new MeshCommand.CreateNamespace("x" + what % 3, labelled(label));
        }
        return what < 10
                ? new MeshCommand.DeleteNamespace("x" + what % 3)
                : new MeshCommand.UpdateNamespace("n" + what % NAMESPACES, labelled(label));
    }

    private static NamespaceSpec labelled(String value) {
        return NamespaceSpec.newBuilder().putLabels("by", value).build();
    }

    Operation send(String id, int place, MeshCommand command, int attempts) {
        CommandRequest request = new CommandRequest(
                world.mesh(), id, CLIENT, "because", world.member(place).id.name(), Optional.empty(), false, command);
        Operation operation = new Operation(world, request, clients.split(), attempts);
        world.operations().add(operation);
        operation.attempt(place);
        return operation;
    }

    /** A write that has to be judged; the mesh may have lost its namespaces. */
    Operation probe(int place) {
        return send("probe-" + place, place, new MeshCommand.UpdateNamespace("n0", labelled("probe-" + place)), 30);
    }

    private void read(Region region) {
        world.newestAcknowledged()
                .ifPresent(
                        position -> region.run(region.life(), () -> new ReadOperation(world, region, position).look()));
    }

    /** As the MoveRouter does, without the hop: the region that the highest known epoch names is asked. */
    private void handover(int to) {
        count(Kind.HANDOVER_ASKED);
        Epoch epoch = world.facts().winner().disk.head().position().epoch();
        if (epoch.isNone()) {
            return;
        }
        Region home = world.member(world.placeOf(epoch));
        home.run(home.life(), () -> {
            if (home.process() != null) {
                home.process().handover(origin("handover"), world.member(to).id, moved(Kind.HANDOVER));
            }
        });
    }

    private void failover(int to, boolean withoutMajority) {
        count(Kind.FAILOVER_ASKED);
        if (withoutMajority) {
            world.facts().operatorWaivesMajority();
        }
        Region candidate = world.member(to);
        candidate.run(candidate.life(), () -> {
            if (candidate.process() != null) {
                candidate.process().failover(origin("failover"), withoutMajority, moved(Kind.FAILOVER));
            }
        });
    }

    private Consumer<Output> moved(Kind kind) {
        return output -> {
            if (output instanceof Output.HomeMoved) {
                count(kind);
            }
        };
    }

    private static Origin origin(String why) {
        return new Origin("", CLIENT, why, "");
    }

    private void crash(Member member, long downMillis) {
        if (member.isUp()) {
            count(Kind.CRASH);
            member.crash();
            world.scheduler().in(downMillis, member::start);
        }
    }

    private void restore(Action.Restore restore) {
        Region region = world.member(restore.member());
        if (region.isUp()) {
            count(Kind.RESTORED_DISK);
            region.crash();
            region.disk.restore(restore.share());
            world.trace(() ->
                    region.id + " has an old disk, up to " + region.disk.head().position() + ", promised "
                            + region.disk.manifest().promised());
            world.restored(region);
            world.scheduler().in(restore.downMillis(), region::start);
        }
    }

    private void partition(Action.Partition partition) {
        count(Kind.PARTITION);
        between(partition, world.network()::cut);
        long mended = Math.min(
                world.nowMillis() + partition.millis(), world.scenario().faultsEndMillis());
        world.scheduler().at(mended, () -> between(partition, world.network()::mend));
    }

    private interface Direction {
        void of(int from, int to);
    }

    private void between(Action.Partition partition, Direction direction) {
        for (int a = 0; a < world.members(); a++) {
            for (int b = 0; b < world.members(); b++) {
                boolean aInside = (partition.side() >> a & 1) == 1;
                boolean bInside = (partition.side() >> b & 1) == 1;
                if (aInside && !bInside) {
                    direction.of(a, b);
                    if (!partition.oneWay()) {
                        direction.of(b, a);
                    }
                }
            }
        }
    }

    /** Faults are over. */
    void heal() {
        world.trace(() -> "faults are over");
        world.network().become(Network.Quality.HEALED);
        for (int place = 0; place < world.members(); place++) {
            Member member = world.member(place);
            member.start();
            member.resume();
            MeshProcess process = world.member(place).process();
            if (process != null) {
                process.failNextWrite(false);
            }
        }
    }
}
