package io.meridian.replicator.core;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.core.FollowerState.Source;
import io.meridian.replicator.core.SenderState.Opened;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One region of the simulation: its log, and both sides of the protocol. What is in the log and promised outlives a crash, nothing else does. */
final class Site {
    static final int WINDOW = 16;
    private static final FollowerSettings FOLLOWER = new FollowerSettings(
            WINDOW,
            400,
            Duration.ofSeconds(5),
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5)),
            Duration.ofSeconds(2));
    private static final SenderSettings SENDER =
            new SenderSettings(7, 300, 1024, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(30));

    final RegionId id;
    private final Agenda agenda;
    private final Simulation simulation;
    private Site other = this;

    // Durable.
    Chain log;
    final List<EventEnvelope> left = new ArrayList<>();
    Epoch promised = Epoch.NONE;

    private int life;
    /** The highest epoch that it heard of. */
    private Epoch known = Epoch.NONE;

    private final Follower follower;
    FollowerState following = FollowerState.initial();
    private final Sender sender;

    @Nullable
    SenderState sending;

    private @Nullable Connection served;

    int opened;
    int forks;
    /** Whether the other's topic can be read here. */
    private boolean readsTopic;

    private long offers;
    int takenFromTopic;
    Optional<Head> acknowledged = Optional.empty();

    /** A stream of one life of the follower; the transport tells them apart. */
    private record Connection(int life, long stream) {}

    Site(Simulation simulation, Agenda agenda, MeshId mesh, RegionId id) {
        this.simulation = simulation;
        this.agenda = agenda;
        this.id = id;
        log = new Chain(mesh);
        follower = new Follower(mesh, FOLLOWER);
        sender = new Sender(id, SENDER);
    }

    void meet(Site peer) {
        other = peer;
    }

    Epoch epoch() {
        return log.head().position().epoch();
    }

    boolean isHome() {
        return epoch().regionIndex() == id.index() && known.equals(epoch()) && promised.compareTo(epoch()) <= 0;
    }

    // --- home ---

    void write(int events) {
        List<EventEnvelope> written = new ArrayList<>();
        for (int i = 0; i < events; i++) {
            written.add(log.add(epoch(), id.name(), agenda.random.nextInt(120)));
        }
        publish(written);
        headMoved();
    }

    /** This region becomes the home behind what it holds. */
    void open(Epoch epoch) {
        publish(List.of(log.open(epoch)));
        promised = epoch;
        headMoved();
    }

    // --- topic ---

    /** What is in a topic may be lost, read twice, or overtake what was written before. */
    private void publish(List<EventEnvelope> events) {
        if (!simulation.topics) {
            return;
        }
        agenda.message(() -> other.read(events));
        EventEnvelope last = events.getLast();
        if (agenda.faulty && last.seq() > 1 && agenda.oneIn(20)) {
            Chain stray = new Chain(last.mesh());
            while (stray.size() < last.seq()) {
                stray.add(last.epoch(), "of no log", 10);
            }
            agenda.message(() -> other.read(List.of(stray.events().getLast())));
        }
    }

    void topicReadable(boolean readable) {
        readsTopic = readable;
        tellTopics();
    }

    private void tellTopics() {
        follow(new FollowerInput.Topics(readsTopic ? Set.of(other.id) : Set.of()));
    }

    private void read(List<EventEnvelope> events) {
        if (readsTopic) {
            follow(new FollowerInput.Offered(++offers, other.id, events));
        }
    }

    private void headMoved() {
        Head head = log.head();
        int born = life;
        learn(head.position().epoch());
        agenda.later(agenda.delay(), () -> ifAlive(born, () -> send(new SenderInput.LogHead(head))));
    }

    /** Some region holds an event of {@code epoch}. */
    void learn(Epoch epoch) {
        if (epoch.compareTo(known) > 0) {
            known = epoch;
            tellSource();
        }
    }

    private void tellSource() {
        follow(new FollowerInput.SourceKnown(
                known.isNone() || known.regionIndex() == id.index()
                        ? Optional.empty()
                        : Optional.of(new Source(other.id, known))));
    }

    // --- life and death ---

    void crash() {
        life++;
        following = FollowerState.initial();
        sending = null;
        known = Epoch.NONE;
        int born = life;
        agenda.later(
                agenda.delay(),
                () -> ifAlive(born, () -> {
                    tellTopics();
                    learn(epoch());
                }));
        Connection lost = served;
        // A transport sometimes notices, and sometimes the other side has to.
        if (lost != null && agenda.random.nextBoolean()) {
            agenda.later(
                    agenda.delay(),
                    () -> other.hear(lost, new FollowerInput.StreamFailed(lost.stream, "connection reset")));
        }
    }

    private void ifAlive(int born, Runnable action) {
        if (born == life) {
            action.run();
        }
    }

    void tick() {
        follow(new FollowerInput.Tick());
        send(new SenderInput.Tick());
    }

    // --- sender ---

    private void opened(Connection connection, Opened replica, int credits) {
        if (served != null
                && (connection.life < served.life
                        || (connection.life == served.life && connection.stream <= served.stream))) {
            return;
        }
        served = connection;
        sending = sender.open(agenda.moment(), replica, credits);
        Head head = log.head();
        forStream(1, new SenderInput.LogHead(head));
    }

    /** Unless the stream or the process ended by then. */
    @SuppressWarnings("ReferenceEquality") // The same connection, not an equal one.
    private void forStream(long millis, SenderInput input) {
        int born = life;
        Connection connection = served;
        agenda.later(
                millis,
                () -> ifAlive(born, () -> {
                    if (connection == served) {
                        send(input);
                    }
                }));
    }

    private void send(SenderInput input) {
        Connection connection = served;
        if (sending == null || connection == null) {
            return;
        }
        Step<SenderState, SenderOutput> step = sender.step(sending, agenda.moment(), input);
        sending = step.state();
        boolean sent = false;
        long stream = connection.stream;
        for (SenderOutput output : step.outputs()) {
            switch (output) {
                // What is read is what the log is at some moment until the answer.
                case SenderOutput.ReadLog(var afterSeq, var max) -> {
                    if (agenda.random.nextBoolean()) {
                        forStream(1 + agenda.random.nextInt(20), new SenderInput.Read(log.read(afterSeq, max)));
                    } else {
                        int born = life;
                        agenda.later(
                                1 + agenda.random.nextInt(20),
                                () -> ifAlive(born, () -> forStream(0, new SenderInput.Read(log.read(afterSeq, max)))));
                    }
                }
                case SenderOutput.ReadBranch() ->
                    forStream(1 + agenda.random.nextInt(20), new SenderInput.Branch(log.head(), log.lineage()));
                case SenderOutput.SendEvents(var envelopes, var homeHead) -> {
                    sent = true;
                    tell(connection, new FollowerInput.Received(stream, envelopes, homeHead));
                }
                case SenderOutput.SendProgress(var homeHead) ->
                    tell(connection, new FollowerInput.Progress(stream, homeHead));
                case SenderOutput.SendForked(var fork) -> {
                    forks++;
                    sending = null;
                    simulation.trace(id + " names the fork " + fork.position() + " to " + other.id);
                    tell(connection, new FollowerInput.ForkedTold(stream, fork));
                }
                case SenderOutput.SendDiverged(var atSeq, var message) ->
                    simulation.fail(id + " says that " + other.id + " diverged: " + message);
                case SenderOutput.Acknowledged(var head) -> {
                    simulation.checkAcknowledged(other, head);
                    acknowledged = Optional.of(head);
                }
                case SenderOutput.Fail(var reason) -> {
                    simulation.trace(id + " fails the stream: " + reason);
                    sending = null;
                    tell(connection, new FollowerInput.StreamFailed(stream, reason));
                }
            }
        }
        if (sent) {
            boolean writable = !agenda.oneIn(4);
            forStream(0, new SenderInput.Sent(writable));
            if (!writable) {
                forStream(5, new SenderInput.TransportReady());
            }
        }
    }

    private void tell(Connection connection, FollowerInput input) {
        agenda.message(() -> other.hear(connection, input));
    }

    private void hear(Connection connection, FollowerInput input) {
        if (connection.life == life) {
            follow(input);
        }
    }

    // --- follower ---

    private void follow(FollowerInput input) {
        Step<FollowerState, FollowerOutput> step = follower.step(following, agenda.moment(), input);
        following = step.state();
        for (FollowerOutput output : step.outputs()) {
            switch (output) {
                case FollowerOutput.ReadOwnHead() -> answer(new FollowerInput.OwnHead(log.head(), log.lineage()));
                case FollowerOutput.ReadOwnHashAt(var stream, var seq) ->
                    answer(new FollowerInput.OwnHashAt(
                            stream,
                            log.read(seq - 1, 1).stream()
                                    .map(EventEnvelope::hash)
                                    .findFirst()));
                case FollowerOutput.Open(var stream, var region, var head, var lineage, var credits) -> {
                    simulation.check(head.position().seq() <= log.size(), "opened with a head that is not durable");
                    opened++;
                    Connection connection = new Connection(life, stream);
                    agenda.message(() -> other.opened(connection, new Opened(head, lineage), credits));
                }
                case FollowerOutput.Close(var stream) -> {}
                case FollowerOutput.Append(var stream, var epoch, var envelopes) -> {
                    takenFromTopic += following.route() instanceof Route.ByTopic ? envelopes.size() : 0;
                    append(stream, epoch, envelopes);
                }
                case FollowerOutput.Acknowledge(var stream, var head, var credits, var done) -> {
                    Connection connection = new Connection(life, stream);
                    agenda.message(() -> other.acknowledgedBy(connection, head, credits));
                }
                case FollowerOutput.Stopped(var reason) -> simulation.fail(id + " stopped: " + reason);
            }
        }
    }

    private void answer(FollowerInput input) {
        int born = life;
        agenda.later(1, () -> ifAlive(born, () -> follow(input)));
    }

    private void acknowledgedBy(Connection connection, Head head, int credits) {
        if (connection.equals(served)) {
            send(new SenderInput.Acknowledged(head, credits));
        }
    }

    /** Commits after a while; a crash of the process before may or may not lose it; the answer may also be lost to a time-out. */
    private void append(long stream, Epoch sourceEpoch, List<EventEnvelope> envelopes) {
        int born = life;
        boolean survivesCrash = agenda.random.nextBoolean();
        boolean timesOut = agenda.faulty && agenda.oneIn(30);
        agenda.later(1 + agenda.random.nextInt(30), () -> {
            if (born != life && !survivesCrash) {
                return;
            }
            Acceptance stopped = store(sourceEpoch, envelopes);
            Head head = log.head();
            agenda.later(
                    1,
                    () -> ifAlive(
                            born,
                            () -> follow(
                                    timesOut
                                            ? new FollowerInput.AppendFailed(stream, "timed out")
                                            : new FollowerInput.Appended(stream, head, stopped))));
        });
    }

    private @Nullable Acceptance store(Epoch sourceEpoch, List<EventEnvelope> envelopes) {
        for (EventEnvelope envelope : envelopes) {
            Acceptance verdict = Acceptance.judge(
                    log.head(),
                    promised,
                    sourceEpoch,
                    seq -> log.read(seq - 1, 1).getFirst().hash(),
                    envelope);
            switch (verdict) {
                case Acceptance.Append append -> log.append(envelope);
                case Acceptance.Fork fork -> left.addAll(log.fork(envelope));
                case Acceptance.Duplicate duplicate -> {}
                default -> {
                    return verdict;
                }
            }
            headMoved();
        }
        return null;
    }
}
