package io.meridian.chaos.simulation;

import io.meridian.core.protocol.PeerView;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.LogDamagedException;
import io.meridian.persistence.ManifestEvent;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One region, or a witness: a disk that outlives its processes, and in each life the mesh's process, what it heard, and what it follows. */
final class Region extends Member {
    private static final long HEARTBEAT_MILLIS = 1_000;
    private static final long REOPEN_MILLIS = 300;

    final Disk disk;
    private PeerTable peers;
    private Replication replication;
    private @Nullable MeshProcess process;
    private long words;

    Region(World world, int place, RegionId id, Clock clock) {
        super(world, place, id, clock);
        disk = new Disk(world.mesh());
        peers = new PeerTable(this, world.scenario().members());
        replication = new Replication(this);
    }

    @Override
    void started() {
        peers = new PeerTable(this, world.members());
        replication = new Replication(this);
        open();
        beat();
        if (!isWitness()) {
            replication.tick();
        }
    }

    @Override
    void died() {
        if (process != null) {
            process.die();
        }
        process = null;
        replication.end();
    }

    /** Reads the log back; the mesh takes calls from then on. */
    void open() {
        List<ManifestEvent> repairs = disk.repairs();
        if (!repairs.isEmpty()) {
            store(new Disk.Stored.InManifest(repairs));
        }
        Disk.Opened opened;
        try {
            opened = disk.open();
        } catch (LogDamagedException e) {
            world.trace(() -> id + " cannot open: " + e.getMessage());
            after(5_000, this::open);
            return;
        }
        world.trace(() -> id + " opens at " + opened.state().head().position() + ", promised "
                + opened.manifest().promised());
        process = new MeshProcess(this, opened);
        world.opened(this, opened);
        process.begin();
    }

    /** The journal failed: only it knows what is durable. */
    void reopen() {
        process = null;
        after(REOPEN_MILLIS, this::open);
    }

    void store(Disk.Stored what) {
        disk.store(what);
        world.stored(this, what);
    }

    String incarnation() {
        return id + "-" + life();
    }

    @Nullable
    MeshProcess process() {
        return process;
    }

    PeerTable peers() {
        return peers;
    }

    List<PeerView> views() {
        return peers.views();
    }

    /** Keeps promises and no events. */
    boolean isWitness() {
        return place >= world.regions() && place < world.scenario().voters();
    }

    /** No member until it joins. */
    boolean isInReserve() {
        return place >= world.scenario().voters();
    }

    /** As control-core's HeadBoard tells the replicator. */
    boolean follows() {
        return disk.manifest()
                .noted()
                .filter(note -> note.changed().seq() > 0)
                .map(note -> note.contains(id))
                .orElse(!isInReserve());
    }

    /** It is a member now, or no longer. */
    void membersNoted() {
        if (!isWitness()) {
            replication.headsChanged(-1);
        }
    }

    // What it says and hears.

    private void beat() {
        say();
        after(HEARTBEAT_MILLIS, this::beat);
    }

    /** Tells everybody the durable head and promise. */
    void say() {
        PeerTable.Word word =
                new PeerTable.Word(life(), ++words, disk.head(), disk.manifest().promised());
        for (int to = 0; to < world.members(); to++) {
            if (to != place) {
                // The stream was opened by a life of the one that hears it, and ends with that.
                int hearing = world.member(to).life();
                tell(to, member -> member.told(place, word, hearing));
            }
        }
    }

    void headMoved() {
        say();
        if (!isWitness()) {
            replication.headsChanged(-1);
        }
    }

    /** {@code hearing}: the life that it is told to. */
    void told(int from, PeerTable.Word word, int hearing) {
        if (hearing != life()) {
            return;
        }
        boolean silent = !peers.isReachable(from);
        if (peers.hear(from, word) && !isWitness()) {
            replication.headsChanged(silent ? from : -1);
        }
    }

    Replication replication() {
        return replication;
    }

    // What others ask of it.

    void promise(
            int candidate, Epoch epoch, Position head, boolean automatic, Consumer<MeshProcess.PromiseReply> reply) {
        if (process != null) {
            process.promise(world.member(candidate).id, epoch, head, automatic, reply);
        }
    }

    void noteMembers(int home, MembersNote note, Consumer<Position> reply) {
        if (process != null) {
            process.noteMembers(world.member(home).id, note, reply);
        }
    }

    void lease(int home, Epoch epoch, long lengthMillis, Consumer<Boolean> reply) {
        if (process != null) {
            process.lease(epoch, lengthMillis, reply);
        }
    }

    /** As the entity's shell does: the own hash at the fork is read first. */
    void report(String origin, Head fork, List<EventEnvelope> envelopes) {
        if (process != null) {
            process.report(origin, fork, envelopes, disk.hashAt(fork.position().seq()));
        }
    }

    /** {@code expected}: of the region that forwards; {@link Epoch#NONE} for a client's call, which may be forwarded once. */
    void execute(CommandRequest request, Epoch expected, long timeoutMillis, Consumer<CommandOutcome> reply) {
        if (process == null) {
            reply.accept(new CommandOutcome.Unavailable("the log is being read back", Duration.ofMillis(500)));
        } else {
            new CommandRoute(this, request, expected, timeoutMillis, reply).take(process);
        }
    }
}
