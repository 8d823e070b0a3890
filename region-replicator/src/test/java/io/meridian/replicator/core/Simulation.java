package io.meridian.replicator.core;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Two regions, one mesh and a bad network, in virtual time, all of it decided by a seed. Messages are lost, doubled and overtake each other;
 * both regions crash at any moment and come back with what was durable; the home moves from one to the other and back, by force: the new home
 * opens its epoch behind what it holds, while the old one goes on until it hears of it. After every step the invariants are checked.
 */
final class Simulation {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final RegionId EU = new RegionId("eu-1", 1);
    private static final RegionId US = new RegionId("us-1", 2);
    private static final int TICK_MILLIS = 250;
    private static final int MOST_TRACE = 3000;

    private final long seed;
    private final Agenda agenda;
    private final Site eu;
    private final Site us;
    private final StringBuilder trace = new StringBuilder();
    private final Map<Site, Position> heads = new HashMap<>();
    private final Map<Position, EventEnvelope> written = new HashMap<>();
    private int crashes;
    private int failovers;

    final boolean topics;

    /** {@code topics}: each region also has a topic, which is no better than the network. */
    Simulation(long seed, boolean topics) {
        this.seed = seed;
        this.topics = topics;
        agenda = new Agenda(seed);
        eu = new Site(this, agenda, MESH, EU);
        us = new Site(this, agenda, MESH, US);
        eu.meet(us);
        us.meet(eu);
    }

    /** Faults for a while, then none until everything is quiet. */
    void run() {
        eu.open(Epoch.NONE.next(EU.index()));
        agenda.every(TICK_MILLIS, eu::tick);
        agenda.every(TICK_MILLIS, us::tick);
        agenda.every(40, () -> {
            for (Site site : List.of(eu, us)) {
                if (site.isHome() && (agenda.faulty || site.log.size() < 50)) {
                    site.write(1 + agenda.random.nextInt(5));
                }
            }
        });
        agenda.every(200, this::tellEpochs);
        agenda.every(700, () -> {
            if (agenda.faulty && agenda.oneIn(3)) {
                crashes++;
                (agenda.random.nextBoolean() ? eu : us).crash();
            }
        });
        agenda.every(1500, () -> {
            if (agenda.faulty && agenda.oneIn(3)) {
                failOver();
            }
        });
        if (topics) {
            readTopics(true);
            agenda.every(800, () -> readTopics(!agenda.faulty || !agenda.oneIn(4)));
        }
        agenda.runUntil(20_000, this::checkInvariants);
        agenda.faulty = false;
        for (int second = 40; second < 43; second++) {
            agenda.later(second * 1000L, () -> home().write(1));
        }
        agenda.runUntil(agenda.now() + 60_000, this::checkInvariants);
        Site home = home();
        Site replica = home == eu ? us : eu;
        check(
                replica.log.head().equals(home.log.head()),
                "the replica did not catch up: " + replica.log.head() + " of " + home.log.head() + ", "
                        + replica.following.phase());
        check(
                home.acknowledged.filter(home.log.head()::equals).isPresent(),
                "the home does not know what the replica holds: " + home.acknowledged);
        check(
                home.following.offers().isEmpty() && replica.following.offers().isEmpty(),
                "what was offered is never done with");
        check(
                !topics || replica.following.route() instanceof Route.ByTopic,
                "events do not come by the topic again: " + replica.following.route());
        check(eu.opened + us.opened > 1, "no fault ever hit a stream; the simulation proves nothing");
    }

    /** Whoever opened the highest epoch. */
    private Site home() {
        return eu.epoch().compareTo(us.epoch()) > 0
                        || (eu.epoch().equals(us.epoch()) && eu.epoch().regionIndex() == EU.index())
                ? eu
                : us;
    }

    private void tellEpochs() {
        Epoch ofEu = eu.epoch();
        Epoch ofUs = us.epoch();
        agenda.message(() -> us.learn(ofEu));
        agenda.message(() -> eu.learn(ofUs));
    }

    private void readTopics(boolean readable) {
        eu.topicReadable(readable);
        us.topicReadable(readable);
    }

    /** The other region promises itself a later epoch and opens it a little later, behind whatever it holds by then. */
    private void failOver() {
        Site home = home();
        Site candidate = home == eu ? us : eu;
        if (!candidate.epoch().equals(home.epoch())) {
            // Whoever has a majority of promises also has the last epoch's opening.
            return;
        }
        Epoch epoch = max(max(home.epoch(), home.promised), candidate.promised).next(candidate.id.index());
        candidate.promised = epoch;
        if (agenda.random.nextBoolean()) {
            // Reachable, and fenced from now on.
            home.promised = epoch;
        }
        agenda.later(agenda.delay(), () -> {
            if (candidate.promised.equals(epoch) && candidate.epoch().compareTo(epoch) < 0) {
                failovers++;
                trace(candidate.id + " opens epoch " + epoch + " behind "
                        + candidate.log.head().position() + "; " + home.id + " is at "
                        + home.log.head().position());
                candidate.open(epoch);
            }
        });
    }

    private static Epoch max(Epoch one, Epoch other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private void checkInvariants() {
        for (Site site : List.of(eu, us)) {
            Position head = site.log.head().position();
            check(
                    head.isAtLeast(heads.getOrDefault(site, Position.before(MESH))),
                    site.id + "'s head went back to " + head);
            if (!head.equals(heads.put(site, head)) && head.seq() > 0) {
                checkWrittenOnce(site.log.events().getLast());
            }
            if (site.sending != null) {
                SenderState.Flow flow = site.sending.flow();
                check(flow.sentSeq() - flow.ackedSeq() <= Site.WINDOW, "the window is exceeded");
            }
            if (site.following.phase() instanceof FollowerState.Phase.Following following) {
                check(following.unacknowledgedEvents() <= Site.WINDOW, "the follower holds more than the window");
                check(following.offeredEvents() <= Site.WINDOW, "the follower holds more of the topic than the window");
            }
        }
        checkBranches();
    }

    private void checkWrittenOnce(EventEnvelope event) {
        check(
                event.equals(written.computeIfAbsent(event.position(), absent -> event)),
                "two events at " + event.position());
    }

    /** The chain makes the last shared hash stand for all bytes before it; what lies behind it is of different epochs. */
    private void checkBranches() {
        long fork = Lineage.fork(eu.log.lineage(), eu.log.size(), us.log.lineage(), us.log.size());
        if (fork > 0) {
            check(at(eu, fork).equals(at(us, fork)), "the logs differ at " + fork + ", which both should share");
        }
        if (fork < Math.min(eu.log.size(), us.log.size())) {
            check(
                    !at(eu, fork + 1).epoch().equals(at(us, fork + 1).epoch()),
                    "the logs part behind " + fork + " within one epoch");
        }
    }

    private static EventEnvelope at(Site site, long seq) {
        return site.log.read(seq - 1, 1).getFirst();
    }

    /** A home counts only what is, or was before a later epoch, durable at the replica. */
    void checkAcknowledged(Site replica, Head head) {
        boolean held = replica.log.read(head.position().seq() - 1, 1).stream()
                        .anyMatch(event -> event.head().equals(head))
                || replica.left.stream().anyMatch(event -> event.head().equals(head));
        check(held, "acknowledged what " + replica.id + " does not hold: " + head);
    }

    void check(boolean holds, String violated) {
        if (!holds) {
            fail(violated);
        }
    }

    void fail(String violated) {
        String tail = trace.substring(Math.max(0, trace.length() - MOST_TRACE));
        throw new AssertionError("seed " + seed + " at " + agenda.now() + " ms: " + violated + "\n" + tail);
    }

    void trace(String what) {
        trace.append(agenda.now()).append(' ').append(what).append('\n');
    }

    String summary() {
        return "events=" + home().log.size() + " crashes=" + crashes + " failovers=" + failovers + " forks="
                + (eu.forks + us.forks) + " streams=" + (eu.opened + us.opened) + " byTopic="
                + (eu.takenFromTopic + us.takenFromTopic) + " leftEu=" + eu.left.size()
                + " leftUs="
                + us.left.size();
    }
}
