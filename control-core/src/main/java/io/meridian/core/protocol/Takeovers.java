package io.meridian.core.protocol;

import com.google.protobuf.util.Durations;
import io.meridian.api.events.v1.Takeover;
import io.meridian.api.replication.v1.Moved;
import io.meridian.api.replication.v1.Refused;
import io.meridian.core.protocol.Run.Phase;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshEvent.SegmentOpened.Cause;
import io.meridian.model.mesh.Origin;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Forced failover, at the candidate: promise the epoch to oneself, ask everybody for his promise, take over the furthest head among those who gave
 * it, fetch what is lacking, open the epoch. {@link Rightful} and operators begin it.
 */
final class Takeovers {
    private static final int MOST_ATTEMPTS = 5;
    private static final int MOST_FETCH_FAILURES = 5;

    private final Turn turn;
    private final ProtocolState state;
    private final Rightful rightful;

    Takeovers(Turn turn) {
        this.turn = turn;
        this.state = turn.state;
        this.rightful = new Rightful(turn);
    }

    void asked(Input.Failover asked) {
        Optional<Refused> refusal = refusal(asked);
        if (refusal.isPresent()) {
            turn.outputs.add(new Output.MoveRefused(asked.token(), refusal.get()));
        } else {
            begin(asked.token(), asked.origin(), Cause.FORCED, asked.withoutMajority(), false);
        }
    }

    private Optional<Refused> refusal(Input.Failover asked) {
        if (state.run != null || state.move != null) {
            return refused(
                    Refused.Code.MOVE_IN_PROGRESS,
                    "mesh " + turn.mesh() + " is being moved already; wait until that has ended");
        }
        if (turn.settings.witness()) {
            return refused(Refused.Code.WITNESS, "region " + turn.self() + " is a witness: it keeps no events");
        }
        Head head = state.judged().head();
        if (head.isEmpty() && turn.furthestPeerHead().isEmpty()) {
            return refused(Refused.Code.MESH_NOT_FOUND, "no region that was heard knows a mesh " + turn.mesh());
        }
        if (Roles.of(turn) instanceof Role.Writer(var epoch)) {
            return refused(
                    Refused.Code.SAME_REGION,
                    "region " + turn.self() + " is the home of mesh " + turn.mesh() + " already, in epoch " + epoch);
        }
        if (!state.judged().isReadable()) {
            return refused(
                    Refused.Code.REGION_LAGS,
                    "region " + turn.self() + " has events of mesh " + turn.mesh() + " that its version cannot read");
        }
        return Optional.empty();
    }

    void begin(long token, Origin origin, Cause cause, boolean withoutMajority, boolean automatic) {
        Epoch epoch = turn.highestPromised().next(turn.self().index());
        state.run = Run.start(token, origin, epoch, cause, withoutMajority, automatic, turn.at.nowMillis());
        promiseOneself(epoch);
    }

    private void promiseOneself(Epoch epoch) {
        turn.votes.raise(epoch);
        turn.queue.whenDurable(new Waiting.OwnPromise(epoch));
    }

    /** The own promise is durable. */
    void promised(Epoch epoch) {
        Run run = state.run;
        if (run == null || !run.epoch().equals(epoch) || run.phase() != Phase.PROMISING) {
            return;
        }
        state.run = run.in(Phase.COLLECTING).answered(turn.self(), new Run.Granted(state.durable.head(), false));
        step("epoch " + epoch + " promised here; asking " + names(turn.at.peers()));
        ask(turn.at.peers());
    }

    private void ask(List<PeerView> peers) {
        Run run = state.run;
        if (run != null) {
            state.run = run.asked(turn.at.nowMillis());
            peers.forEach(peer -> turn.outputs.add(new Output.AskPromise(peer.id(), run.epoch(), run.automatic())));
        }
    }

    void answered(Input.PromiseAnswer answer) {
        Run run = state.run;
        if (run == null || !run.epoch().equals(answer.epoch()) || run.phase() != Phase.COLLECTING) {
            return;
        }
        switch (answer) {
            case Input.PromiseGranted(var region, var epoch, var head, var witness) -> {
                state.run = run.answered(region, new Run.Granted(head, witness));
                step("region " + region + " promised; it holds "
                        + (head.isEmpty() ? "nothing" : "position " + head.position()));
            }
            case Input.PromiseRefused(var region, var epoch, var promised, var why) -> {
                // Without an answer it is asked again; with one it counts.
                if (!promised.isNone()) {
                    state.run = run.answered(region, new Run.Denied(promised, why));
                    step("region " + region + " refused: " + why);
                }
            }
        }
    }

    void settle() {
        if (state.run == null) {
            rightful.settle(this);
        }
        Run run = state.run;
        if (run == null) {
            return;
        }
        if (state.promised.compareTo(run.epoch()) > 0) {
            refuse(
                    Refused.Code.FENCED,
                    "region " + turn.self() + " has since promised epoch " + state.promised + " to region "
                            + turn.nameOf(state.promised));
            return;
        }
        if (turn.highestKnown().compareTo(run.epoch()) > 0) {
            refuse(
                    Refused.Code.FENCED,
                    "region " + turn.nameOf(turn.highestKnown()) + " opened epoch " + turn.highestKnown());
            return;
        }
        if (age(run.startedMillis()) >= turn.settings.timing().takeover().toMillis() && run.phase() != Phase.OPENING) {
            refuse(
                    Refused.Code.UNAVAILABLE,
                    "the failover did not come to an end within "
                            + turn.settings.timing().takeover().toSeconds() + " s (" + run.phase() + ")");
            return;
        }
        switch (run.phase()) {
            case PROMISING, OPENING -> {}
            case COLLECTING -> collect(run);
            case FETCHING -> fetch(run);
        }
    }

    private void collect(Run run) {
        Optional<Epoch> higher = run.answers().values().stream()
                .flatMap(answer -> answer instanceof Run.Denied(var promised, var why) && promised.compareTo(run.epoch()) >= 0
                        ? Stream.of(promised)
                        : Stream.empty())
                .max(Comparator.naturalOrder());
        if (higher.isPresent()) {
            tryLater(run, higher.get());
            return;
        }
        List<PeerView> silent = turn.at.peers().stream()
                .filter(peer -> !run.answers().containsKey(peer.id()))
                .toList();
        boolean waited = age(run.collectedFromMillis())
                >= turn.settings.timing().promises().toMillis();
        boolean enough = run.granted() >= turn.majority() || run.withoutMajority();
        boolean allWhoCan = silent.stream().noneMatch(PeerView::reachable);
        if (enough && (allWhoCan || waited)) {
            adopt(run);
        } else if (silent.isEmpty() || (waited && !enough && age(run.collectedFromMillis()) >= patienceMillis())) {
            refuse(Refused.Code.NO_MAJORITY, noMajority(run, silent));
        } else if (age(run.askedMillis()) >= turn.settings.timing().retry().toMillis()) {
            ask(silent);
        }
    }

    /** Without a majority yet, regions that answer late are waited for somewhat longer. */
    private long patienceMillis() {
        return 2 * turn.settings.timing().promises().toMillis();
    }

    private void tryLater(Run run, Epoch higher) {
        if (run.attempt() >= MOST_ATTEMPTS) {
            refuse(
                    Refused.Code.FENCED,
                    "epoch " + higher + " was promised to region " + turn.nameOf(higher)
                            + ", which is taking over at the same time");
            return;
        }
        Epoch epoch = Turn.max(higher, turn.highestPromised()).next(turn.self().index());
        step("a later epoch is promised already; trying " + epoch);
        state.run = run.again(epoch, turn.at.nowMillis());
        promiseOneself(epoch);
    }

    private String noMajority(Run run, List<PeerView> silent) {
        String denied = run.answers().entrySet().stream()
                .flatMap(entry -> entry.getValue() instanceof Run.Denied(var promised, var why)
                        ? Stream.of(entry.getKey() + ": " + why)
                        : Stream.empty())
                .sorted()
                .toList()
                .toString();
        return run.granted() + " of " + turn.voters() + " voters promised, a majority is " + turn.majority()
                + (silent.isEmpty() ? "" : "; no answer from " + names(silent))
                + (denied.equals("[]") ? "" : "; refused " + denied)
                + ". Bring one of them back, or waive the majority (--without-majority) if you know that the others are gone";
    }

    /** The furthest head among those who promised becomes ours. A witness knows heads but has no events to give. */
    private void adopt(Run run) {
        Head own = state.judged().head();
        Optional<Map.Entry<RegionId, Head>> best = bestGrant(run);
        if (best.isPresent() && best.get().getValue().position().compareTo(own.position()) > 0) {
            step("fetching from region " + best.get().getKey() + " what this region lacks: positions behind "
                    + own.position() + " up to " + best.get().getValue().position());
            state.run = run.in(Phase.FETCHING);
        } else if (own.isEmpty()) {
            refuse(Refused.Code.MESH_NOT_FOUND, "no region that promised holds mesh " + turn.mesh());
        } else {
            open(run);
        }
    }

    private static Optional<Map.Entry<RegionId, Head>> bestGrant(Run run) {
        return run.answers().entrySet().stream()
                .flatMap(entry -> entry.getValue() instanceof Run.Granted(var head, var witness) && !witness
                        ? Stream.of(Map.entry(entry.getKey(), head))
                        : Stream.empty())
                .max(Comparator.comparing(entry -> entry.getValue().position()));
    }

    private void fetch(Run run) {
        Head own = state.judged().head();
        Map.Entry<RegionId, Head> best = bestGrant(run).orElseThrow();
        if (own.position().compareTo(best.getValue().position()) >= 0) {
            open(run);
        } else if (state.fetching == null && turn.at.nowMillis() >= state.fetchAgainMillis) {
            turn.fetches.fetch(best.getKey());
        }
    }

    void fetchFailed(String why) {
        Run run = state.run;
        if (run == null) {
            return;
        }
        state.run = run.fetchFailed(run.fetchFailures() + 1);
        if (run.fetchFailures() + 1 >= MOST_FETCH_FAILURES) {
            refuse(Refused.Code.REGION_LAGS, "region " + turn.self() + " cannot fetch what it lacks: " + why);
        }
    }

    private void open(Run run) {
        Head base = state.judged().head();
        if (!state.judged().isReadable()) {
            refuse(
                    Refused.Code.REGION_LAGS,
                    "region " + turn.self() + " has events of mesh " + turn.mesh() + " that its version cannot read");
            return;
        }
        step("opening epoch " + run.epoch() + " behind position " + base.position());
        state.run = run.in(Phase.OPENING);
        turn.queue.open(run.epoch(), run.cause(), Optional.of(takeover(run, base)), run.origin());
    }

    private Takeover takeover(Run run, Head base) {
        Head last = lastKnownOfHome(run, base);
        Takeover.Builder takeover = Takeover.newBuilder()
                .setLastKnownHomeHead(last.position().toProto())
                .setEventsAtRisk(
                        Math.max(0, last.position().seq() - base.position().seq()))
                .setWithoutMajority(run.granted() < turn.majority())
                .setAutomatic(run.automatic());
        run.answers().entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Run.Granted)
                .map(entry -> entry.getKey().name())
                .sorted()
                .forEach(takeover::addPromisedBy);
        turn.at.peers().stream()
                .filter(peer -> !(run.answers().get(peer.id()) instanceof Run.Granted))
                .map(peer -> peer.id().name())
                .sorted()
                .forEach(takeover::addUnheard);
        return takeover.build();
    }

    /** The furthest that anybody has heard of, the heads of those who promised and of those who did not included. */
    private Head lastKnownOfHome(Run run, Head base) {
        return Stream.of(
                        Stream.of(base),
                        at(run),
                        turn.at.peers().stream().flatMap(peer -> peer.head().stream()))
                .flatMap(heads -> heads)
                .max(Comparator.comparing(Head::position))
                .orElse(base);
    }

    private static Stream<Head> at(Run run) {
        return run.answers().values().stream()
                .flatMap(answer -> answer instanceof Run.Granted(var head, var witness) ? Stream.of(head) : Stream.empty());
    }

    /** The first event of a segment of ours is durable, be it a takeover's or a handover's. */
    void opened(Epoch epoch) {
        state.cleared = true;
        Run run = state.run;
        if (run == null || !run.epoch().equals(epoch)) {
            return;
        }
        state.run = null;
        if (run.token() == Run.NOBODY) {
            turn.outputs.add(new Output.Notice(
                    Output.Notice.Level.WARN,
                    "region " + turn.self() + " took over mesh " + turn.mesh() + " in epoch " + epoch + " (" + run.cause()
                            + (run.automatic() ? ", automatic" : "") + "): " + run.origin().reason()));
            return;
        }
        Head base = state.durable.head();
        turn.outputs.add(new Output.Moving(run.token(), "epoch " + epoch + " is open at position " + base.position()));
        Epoch parent = state.durable.state().lineage().epochAt(base.position().seq() - 1);
        turn.outputs.add(new Output.HomeMoved(
                run.token(),
                Moved.newBuilder()
                        .setPosition(base.position().toProto())
                        .setFromRegion(parent.isNone() ? "" : turn.nameOf(parent))
                        .setToRegion(turn.self().name())
                        .setWriteGap(Durations.fromMillis(age(run.startedMillis())))
                        .setTakeover(takeover(run, new Head(
                                new io.meridian.model.position.Position(
                                        turn.mesh(), parent, base.position().seq() - 1),
                                io.meridian.model.log.Hash.ZERO)))
                        .setOpened(true)
                        .build()));
    }

    void refuse(Refused.Code code, String message) {
        Run run = state.run;
        state.run = null;
        state.fetching = null;
        if (run == null) {
            return;
        }
        if (run.token() == Run.NOBODY) {
            turn.outputs.add(new Output.Notice(
                    Output.Notice.Level.WARN,
                    "region " + turn.self() + " did not take over mesh " + turn.mesh() + ": " + message));
        } else {
            turn.outputs.add(new Output.MoveRefused(
                    run.token(),
                    Refused.newBuilder().setCode(code).setMessage(message).build()));
        }
    }

    private void step(String what) {
        Run run = state.run;
        if (run != null && run.token() != Run.NOBODY) {
            turn.outputs.add(new Output.Moving(run.token(), what));
        }
    }

    private long age(long sinceMillis) {
        return turn.at.nowMillis() - sinceMillis;
    }

    private static Optional<Refused> refused(Refused.Code code, String message) {
        return Optional.of(
                Refused.newBuilder().setCode(code).setMessage(message).build());
    }

    private static String names(List<PeerView> peers) {
        return peers.stream().map(peer -> peer.id().name()).sorted().toList().toString();
    }
}
