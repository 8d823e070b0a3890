package io.meridian.replicator.core;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One home, one replica, one mesh and a bad network, in virtual time, all of it decided by a seed. Messages are lost, doubled and
 * overtake each other; both sides crash at any moment and come back with what was durable. After every step the invariants are checked.
 */
final class Simulation {
    static final MeshId MESH = new MeshId("bookinfo");
    static final RegionId HOME = new RegionId("eu-1", 1);
    static final RegionId REPLICA = new RegionId("us-1", 2);
    private static final Epoch EPOCH = Epoch.NONE.next(HOME.index());
    private static final int WINDOW = 16;
    private static final FollowerSettings FOLLOWER = new FollowerSettings(
            WINDOW, 400, Duration.ofSeconds(5), new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5)));
    private static final SenderSettings SENDER =
            new SenderSettings(7, 300, 1024, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(30));
    private static final int TICK_MILLIS = 250;
    private static final long STREAMS_PER_LIFE = 1_000_000;

    private final long seed;
    private final Random random;
    private final PriorityQueue<Event> agenda = new PriorityQueue<>();
    private long now;
    private long order;
    private boolean faulty = true;
    private final StringBuilder trace = new StringBuilder();

    private final Chain home = new Chain(MESH);
    private final Chain replica = new Chain(MESH);
    private long highestReplicaSeq;
    private long acknowledgedSeq;

    private final Follower follower = new Follower(MESH, FOLLOWER);
    private FollowerState followerState = FollowerState.initial();
    private long followerLife;

    private final Sender sender = new Sender(HOME, SENDER);
    private @Nullable SenderState senderState;
    private long senderStream;
    private long senderLife;
    private int crashes;
    private int reopened;

    private record Event(long at, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }

    Simulation(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
    }

    /** Faults for a while, then none until everything is quiet. */
    void run() {
        startFollower();
        every(TICK_MILLIS, () -> follow(new FollowerInput.Tick()));
        every(TICK_MILLIS, () -> send(new SenderInput.Tick()));
        every(40, () -> {
            if (faulty || home.size() < 50) {
                write(1 + random.nextInt(5));
            }
        });
        every(700, () -> {
            if (faulty && random.nextInt(3) == 0) {
                crashes++;
                if (random.nextBoolean()) {
                    crashFollower();
                } else {
                    crashSender();
                }
            }
        });
        runUntil(20_000);
        faulty = false;
        runUntil(now + 60_000);
        check(!(followerState.phase() instanceof FollowerState.Phase.Stopped), "the follower stopped");
        check(
                replica.head().equals(home.head()),
                "the replica did not catch up: " + replica.head() + " of " + home.head());
        check(acknowledgedSeq == home.size(), "the home does not know what the replica holds: " + acknowledgedSeq);
        check(reopened > 1, "no fault ever hit a stream; the simulation proves nothing");
    }

    private void runUntil(long end) {
        while (!agenda.isEmpty() && agenda.peek().at() <= end) {
            Event event = agenda.remove();
            now = event.at();
            event.action().run();
            checkInvariants();
        }
        now = end;
    }

    private void checkInvariants() {
        check(replica.size() <= home.size(), "the replica has more than the home");
        check(replica.size() >= highestReplicaSeq, "the replica's head went back");
        highestReplicaSeq = replica.size();
        if (replica.size() > 0) {
            // The chain makes the last hash stand for all bytes before it.
            EventEnvelope same = home.read(replica.size() - 1L, 1).getFirst();
            check(same.head().equals(replica.head()), "the replica is no prefix of the home");
        }
        if (senderState != null) {
            check(senderState.sentSeq() - senderState.ackedSeq() <= WINDOW, "the window is exceeded");
        }
        if (followerState.phase() instanceof FollowerState.Phase.Following following) {
            check(following.unacknowledgedEvents() <= WINDOW, "the follower holds more than the window");
        }
    }

    private void check(boolean holds, String violated) {
        if (!holds) {
            String tail = trace.substring(Math.max(0, trace.length() - 3000));
            throw new AssertionError("seed " + seed + " at " + now + " ms: " + violated + "\n" + tail);
        }
    }

    // --- home ---

    private void write(int events) {
        for (int i = 0; i < events; i++) {
            home.add(EPOCH, "e", random.nextInt(120));
        }
        Head head = home.head();
        later(delay(), life(false, () -> send(new SenderInput.LogHead(head))));
    }

    private void crashSender() {
        log("home crashes");
        senderLife++;
        senderState = null;
        long stream = numberWithinLife(senderStream);
        // A transport sometimes notices, and sometimes the other side has to.
        if (random.nextBoolean()) {
            later(delay(), life(true, () -> follow(new FollowerInput.StreamFailed(stream, "connection reset"))));
        }
    }

    private void opened(long stream, Head head, int credits) {
        if (stream < senderStream) {
            return;
        }
        senderLife++;
        senderStream = stream;
        senderState = sender.open(moment(), head, credits);
        Head log = home.head();
        later(1, life(false, () -> send(new SenderInput.LogHead(log))));
    }

    private void send(SenderInput input) {
        if (senderState == null) {
            return;
        }
        Step<SenderState, SenderOutput> step = sender.step(senderState, moment(), input);
        senderState = step.state();
        boolean sent = false;
        for (SenderOutput output : step.outputs()) {
            long stream = numberWithinLife(senderStream);
            switch (output) {
                case SenderOutput.ReadLog(var afterSeq, var max) ->
                    later(
                            1 + random.nextInt(20),
                            life(false, () -> send(new SenderInput.Read(home.read(afterSeq, max)))));
                case SenderOutput.SendEvents(var envelopes, var homeHead) -> {
                    sent = true;
                    message(() -> follow(new FollowerInput.Received(stream, envelopes, homeHead)));
                }
                case SenderOutput.SendProgress(var homeHead) ->
                    message(() -> follow(new FollowerInput.Progress(stream, homeHead)));
                case SenderOutput.SendDiverged(var atSeq, var message) ->
                    message(() -> follow(new FollowerInput.DivergedTold(stream, atSeq, message)));
                case SenderOutput.Acknowledged(var head) -> {
                    long seq = head.position().seq();
                    check(seq <= replica.size(), "acknowledged before it was durable: " + head);
                    acknowledgedSeq = Math.max(acknowledgedSeq, seq);
                }
                case SenderOutput.Fail(var reason) -> {
                    log("sender fails: " + reason);
                    senderState = null;
                    message(() -> follow(new FollowerInput.StreamFailed(stream, reason)));
                }
            }
        }
        if (sent) {
            boolean writable = random.nextInt(4) > 0;
            later(0, life(false, () -> send(new SenderInput.Sent(writable))));
            if (!writable) {
                later(5, life(false, () -> send(new SenderInput.TransportReady())));
            }
        }
    }

    // --- replica ---

    private void startFollower() {
        followerState = FollowerState.initial();
        later(delay(), life(true, () -> follow(new FollowerInput.SourceKnown(Optional.of(HOME)))));
    }

    private void crashFollower() {
        log("replica crashes");
        followerLife++;
        startFollower();
    }

    private void follow(FollowerInput input) {
        Step<FollowerState, FollowerOutput> step = follower.step(followerState, moment(), input);
        followerState = step.state();
        for (FollowerOutput output : step.outputs()) {
            switch (output) {
                case FollowerOutput.ReadOwnHead() -> {
                    Head head = replica.head();
                    later(1, life(true, () -> follow(new FollowerInput.OwnHead(head))));
                }
                case FollowerOutput.Open(var stream, var region, var head, var credits) -> {
                    check(head.position().seq() <= replica.size(), "opened with a head that is not durable");
                    reopened++;
                    // Stream numbers start anew with each life; the transport tells connections apart.
                    long connection = connection(stream);
                    message(() -> opened(connection, head, credits));
                }
                case FollowerOutput.Close(var stream) -> {}
                case FollowerOutput.Append(var stream, var envelopes) -> append(stream, envelopes);
                case FollowerOutput.Acknowledge(var stream, var head, var credits, var done) -> {
                    long connection = connection(stream);
                    message(() -> {
                        if (senderStream == connection) {
                            send(new SenderInput.Acknowledged(head, credits));
                        }
                    });
                }
                case FollowerOutput.Stopped(var reason) -> check(false, "stopped: " + reason);
            }
        }
    }

    /** Commits after a while; a crash of the process before may or may not lose it; the answer may also be lost to a time-out. */
    private void append(long stream, List<EventEnvelope> envelopes) {
        long life = followerLife;
        boolean survivesCrash = random.nextBoolean();
        boolean timesOut = faulty && random.nextInt(30) == 0;
        later(1 + random.nextInt(30), () -> {
            if (life != followerLife && !survivesCrash) {
                return;
            }
            Acceptance stopped = store(envelopes);
            Head head = replica.head();
            later(1, () -> {
                if (life == followerLife) {
                    follow(
                            timesOut
                                    ? new FollowerInput.AppendFailed(stream, "timed out")
                                    : new FollowerInput.Appended(stream, head, stopped));
                }
            });
        });
    }

    private @Nullable Acceptance store(List<EventEnvelope> envelopes) {
        for (EventEnvelope envelope : envelopes) {
            Acceptance verdict = Acceptance.judge(
                    replica.head(),
                    Epoch.NONE,
                    seq -> replica.read(seq - 1, 1).getFirst().hash(),
                    envelope);
            switch (verdict) {
                case Acceptance.Append append -> replica.append(envelope);
                case Acceptance.Duplicate duplicate -> {}
                default -> {
                    return verdict;
                }
            }
        }
        return null;
    }

    // --- network and time ---

    private long connection(long stream) {
        return followerLife * STREAMS_PER_LIFE + stream;
    }

    private static long numberWithinLife(long connection) {
        return connection % STREAMS_PER_LIFE;
    }

    private void message(Runnable delivery) {
        long life = followerLife;
        if (faulty && random.nextInt(12) == 0) {
            log("a message is lost");
            return;
        }
        List<Runnable> copies = new ArrayList<>(List.of(delivery));
        if (faulty && random.nextInt(12) == 0) {
            copies.add(delivery);
        }
        for (Runnable copy : copies) {
            later(faulty ? delay() : 5, () -> {
                if (life == followerLife) {
                    copy.run();
                }
            });
        }
    }

    private long delay() {
        return 1L + (random.nextInt(10) == 0 ? random.nextInt(400) : random.nextInt(15));
    }

    /** Only if the process that asked for it still lives. */
    private Runnable life(boolean ofFollower, Runnable action) {
        long born = ofFollower ? followerLife : senderLife;
        return () -> {
            if (born == (ofFollower ? followerLife : senderLife)) {
                action.run();
            }
        };
    }

    private void later(long millis, Runnable action) {
        agenda.add(new Event(now + millis, order++, action));
    }

    private void every(long millis, Runnable action) {
        later(millis, () -> {
            action.run();
            every(millis, action);
        });
    }

    private Moment moment() {
        return new Moment(now, random.nextDouble());
    }

    private void log(String what) {
        trace.append(now).append(' ').append(what).append('\n');
    }

    String summary() {
        return "events=" + home.size() + " crashes=" + crashes + " streams=" + reopened;
    }
}
