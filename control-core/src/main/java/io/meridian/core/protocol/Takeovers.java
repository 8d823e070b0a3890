package io.meridian.core.protocol;

import com.google.protobuf.util.Durations;
import io.meridian.api.replication.v1.Moved;
import io.meridian.api.replication.v1.Refused;
import io.meridian.core.protocol.Run.Phase;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshEvent.SegmentOpened.Cause;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        if (turn.answerAgain(asked.token(), asked.origin(), turn.self().name())) {
            return;
        }
        Optional<Refused> refusal = refusal();
        if (refusal.isPresent()) {
            turn.outputs.add(new Output.MoveRefused(asked.token(), refusal.get()));
        } else {
            begin(new Run.Request(
                    asked.token(), asked.origin(), Cause.FORCED, asked.withoutMajority(), false, turn.at.nowMillis()));
        }
    }

    private Optional<Refused> refusal() {
        if (state.run != null || state.move != null) {
            return Turn.refusal(
                    Refused.Code.MOVE_IN_PROGRESS,
                    "mesh " + turn.mesh() + " is being moved already; wait until that has ended");
        }
        if (turn.settings.witness()) {
            return Turn.refusal(Refused.Code.WITNESS, "region " + turn.self() + " is a witness: it keeps no events");
        }
        if (!turn.members.isMember()) {
            return Turn.refusal(Refused.Code.NOT_A_MEMBER, noMember());
        }
        Head head = state.judged().head();
        if (head.isEmpty() && turn.furthestPeerHead().isEmpty()) {
            return Turn.refusal(Refused.Code.MESH_NOT_FOUND, "no region that was heard knows a mesh " + turn.mesh());
        }
        if (Roles.of(turn) instanceof Role.Writer(var epoch)) {
            return Turn.refusal(
                    Refused.Code.SAME_REGION,
                    "region " + turn.self() + " is the home of mesh " + turn.mesh() + " already, in epoch " + epoch);
        }
        if (!state.judged().isReadable()) {
            return Turn.refusal(
                    Refused.Code.REGION_LAGS,
                    "region " + turn.self() + " has events of mesh " + turn.mesh() + " that its version cannot read");
        }
        return Optional.empty();
    }

    private String noMember() {
        return "region " + turn.self() + " is no member of mesh " + turn.mesh() + " (" + turn.members.since()
                + ", as far as its log tells)";
    }

    /** Nobody asked for it. */
    void begin(Cause cause, boolean automatic, String reason) {
        begin(new Run.Request(Run.NOBODY, Origins.because(reason), cause, false, automatic, turn.at.nowMillis()));
    }

    private void begin(Run.Request request) {
        Optional<PeerView> ahead = request.cause() == Cause.FORCED ? inALaterEpoch() : Optional.empty();
        if (request.cause() == Cause.RECLAIMED && holdsMoreOfOwnEpochs().isPresent()) {
            state.run = start(request).in(Phase.RECOVERING);
        } else if (ahead.isPresent()) {
            state.run = start(request).in(Phase.COMPARING);
            turn.fetches.compare(ahead.get().id());
        } else {
            promise(request);
        }
    }

    private Run start(Run.Request request) {
        return Run.start(request, turn.nextOwn(turn.highestPromised()), turn.at.nowMillis());
    }

    private void promise(Run.Request request) {
        Run run = start(request);
        state.run = run;
        promiseOneself(run.epoch());
    }

    /** Who has the furthest head in an epoch that this region has nothing of: it went on with this region's log, or with a part of it. */
    private Optional<PeerView> inALaterEpoch() {
        Head own = state.judged().head();
        return turn.members.peers().stream()
                .filter(peer -> peer.reachable() && !peer.witness() && !own.isEmpty())
                .filter(peer -> epoch(peer).compareTo(own.position().epoch()) > 0)
                .max(Comparator.comparing(peer -> peer.head().orElseThrow().position()));
    }

    /** Be it a member or not: nobody else writes in these epochs. */
    private Optional<PeerView> holdsMoreOfOwnEpochs() {
        Position own = state.judged().head().position();
        return turn.at.peers().stream()
                .filter(peer -> peer.reachable() && !peer.witness())
                .filter(peer -> epoch(peer).regionIndex() == turn.self().index())
                .filter(peer -> peer.head().orElseThrow().position().compareTo(own) > 0)
                .max(Comparator.comparing(peer -> peer.head().orElseThrow().position()));
    }

    /** Who the members are may be in what was lost, so it is fetched before their promises are counted; those who hold it may be none any more. */
    private void recover(Run run) {
        Optional<PeerView> holder = holdsMoreOfOwnEpochs();
        boolean waited = age(run.request().startedMillis())
                >= turn.settings.timing().clearance().toMillis();
        // A promise drops what is queued of earlier epochs.
        boolean recovered =
                holder.isEmpty() && state.durable.head().equals(state.judged().head());
        if (recovered || waited || run.fetchFailures() >= MOST_FETCH_FAILURES) {
            state.fetching = null;
            promise(run.request());
        } else if (holder.isPresent() && state.fetching == null && turn.at.nowMillis() >= state.fetchAgainMillis) {
            turn.fetches.fetch(holder.get().id());
        }
    }

    private static Epoch epoch(PeerView peer) {
        return peer.head().map(head -> head.position().epoch()).orElse(Epoch.NONE);
    }

    /**
     * {@code same}: whether {@code region} holds this region's last event. If it holds another one in its place, or none, what it holds beyond cannot be
     * fetched, and promises would only stop the home for a while.
     */
    void compared(RegionId region, boolean same) {
        Run run = state.run;
        if (run == null || run.phase() != Phase.COMPARING) {
            return;
        }
        if (same) {
            promise(run.request());
        } else {
            refuse(
                    Refused.Code.FENCED,
                    "region " + turn.self() + " holds events of mesh " + turn.mesh() + " up to position "
                            + state.judged().head().position() + " that are not on the branch of region " + region
                            + ", which went on in a later epoch without them. Bring the home of that epoch back, or fail over to region "
                            + region + ": then region " + turn.self()
                            + " leaves them as a divergent branch, which `branches` shows, and can take over again");
        }
    }

    /** It is tried without: an answer that does not come must not stand in the way of a failover. */
    void notCompared() {
        Run run = state.run;
        if (run != null && run.phase() == Phase.COMPARING) {
            state.fetching = null;
            promise(run.request());
        }
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
        state.run = run.in(Phase.COLLECTING)
                .answered(turn.self(), new Run.Granted(state.durable.head(), false, turn.members.known()));
        step("epoch " + epoch + " promised here; asking " + Ballot.names(turn.members.peers()));
        ask(turn.members.peers());
    }

    private void ask(List<PeerView> peers) {
        Run run = state.run;
        if (run != null) {
            state.run = run.asked(turn.at.nowMillis());
            peers.forEach(peer -> turn.outputs.add(new Output.AskPromise(
                    peer.id(),
                    run.epoch(),
                    state.judged().head().position(),
                    run.request().automatic())));
        }
    }

    void answered(Input.PromiseAnswer answer) {
        Run run = state.run;
        if (run == null || !run.epoch().equals(answer.epoch()) || run.phase() != Phase.COLLECTING) {
            return;
        }
        switch (answer) {
            case Input.PromiseGranted(var region, var epoch, var head, var witness, var members) -> {
                state.run = run.answered(region, new Run.Granted(head, witness, members));
                step("region " + region + " promised; it holds "
                        + (head.isEmpty() ? "nothing" : "position " + head.position()));
            }
            case Input.PromiseRefused(var region, var epoch, var promised, var why) -> {
                state.run = run.answered(region, new Run.Denied(promised, why));
                step("region " + region + " refused: " + why);
            }
            // It is asked again.
            case Input.PromiseMissing missing -> {}
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
        if (run.phase() == Phase.RECOVERING) {
            recover(run);
            return;
        }
        if (run.phase() == Phase.COMPARING) {
            if (age(run.request().startedMillis())
                    >= turn.settings.timing().promises().toMillis()) {
                notCompared();
            }
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
        if (age(run.request().startedMillis())
                        >= turn.settings.timing().takeover().toMillis()
                && run.phase() != Phase.OPENING) {
            refuse(
                    Refused.Code.UNAVAILABLE,
                    "the failover did not come to an end within "
                            + turn.settings.timing().takeover().toSeconds() + " s (" + run.phase() + ")");
            return;
        }
        switch (run.phase()) {
            case RECOVERING, COMPARING, PROMISING, OPENING -> {}
            case COLLECTING -> collect(run);
            case FETCHING -> fetch(run);
        }
    }

    private void collect(Run run) {
        Ballot ballot = new Ballot(turn, run);
        Optional<Epoch> higher = ballot.higherPromise();
        if (higher.isPresent()) {
            tryLater(run, higher.get());
            return;
        }
        List<PeerView> silent = ballot.silent();
        boolean waited = age(run.collectedFromMillis())
                >= turn.settings.timing().promises().toMillis();
        boolean allWhoCan = silent.stream().noneMatch(PeerView::reachable);
        boolean enough = ballot.isEnough();
        if (enough && (allWhoCan || waited)) {
            adopt(run);
        } else if (silent.isEmpty() || (!enough && age(run.collectedFromMillis()) >= patienceMillis())) {
            refuse(Refused.Code.NO_MAJORITY, ballot.noMajority());
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
        Epoch epoch = turn.nextOwn(Turn.max(higher, turn.highestPromised()));
        step("a later epoch is promised already; trying " + epoch);
        state.run = run.again(epoch, turn.at.nowMillis());
        promiseOneself(epoch);
    }

    /** The furthest head among those who promised becomes ours. A witness knows heads but has no events to give. */
    private void adopt(Run run) {
        Head own = state.judged().head();
        Optional<Map.Entry<RegionId, Head>> best = new Ballot(turn, run).furthest();
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

    private void fetch(Run run) {
        Head own = state.judged().head();
        Map.Entry<RegionId, Head> best = new Ballot(turn, run).furthest().orElseThrow();
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
        if (run.phase() == Phase.FETCHING && run.fetchFailures() + 1 >= MOST_FETCH_FAILURES) {
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
        if (!turn.members.isMember()) {
            refuse(Refused.Code.NOT_A_MEMBER, noMember());
            return;
        }
        if (!new Ballot(turn, run).isEnough()) {
            step("the members are others " + turn.members.since() + "; asking them too");
            Run again = run.recollected(turn.at.nowMillis());
            state.run = again;
            ask(new Ballot(turn, again).silent());
            return;
        }
        step("opening epoch " + run.epoch() + " behind position " + base.position());
        state.run = run.in(Phase.OPENING);
        turn.queue.open(
                run.epoch(),
                run.request().cause(),
                Optional.of(new Ballot(turn, run).takeover(base)),
                run.request().origin());
    }

    /** The first event of a segment of ours is durable, be it a takeover's or a handover's. */
    void opened(Waiting.Opening opening) {
        state.cleared = true;
        state.lost = false;
        Run run = state.run;
        if (run == null || !run.epoch().equals(opening.epoch())) {
            return;
        }
        state.run = null;
        Run.Request request = run.request();
        if (request.token() == Run.NOBODY) {
            turn.outputs.add(new Output.Notice(
                    Output.Notice.Level.WARN,
                    "region " + turn.self() + " took over mesh " + turn.mesh() + " in epoch " + run.epoch() + " ("
                            + request.cause() + (request.automatic() ? ", automatic" : "") + "): "
                            + request.origin().reason()));
            return;
        }
        Position position = state.durable.head().position();
        Epoch parent = opening.base().position().epoch();
        turn.outputs.add(
                new Output.Moving(request.token(), "epoch " + run.epoch() + " is open at position " + position));
        Moved.Builder moved = Moved.newBuilder()
                .setPosition(position.toProto())
                .setFromRegion(parent.isNone() ? "" : turn.nameOf(parent))
                .setToRegion(turn.self().name())
                .setWriteGap(Durations.fromMillis(age(request.startedMillis())))
                .setOpened(true);
        opening.takeover().ifPresent(moved::setTakeover);
        turn.outputs.add(new Output.HomeMoved(request.token(), moved.build()));
    }

    void refuse(Refused.Code code, String message) {
        Run run = state.run;
        state.run = null;
        state.fetching = null;
        if (run == null) {
            return;
        }
        if (run.request().token() == Run.NOBODY) {
            turn.outputs.add(new Output.Notice(
                    Output.Notice.Level.WARN,
                    "region " + turn.self() + " did not take over mesh " + turn.mesh() + ": " + message));
        } else {
            turn.outputs.add(new Output.MoveRefused(run.request().token(), Turn.refused(code, message)));
        }
    }

    private void step(String what) {
        Run run = state.run;
        if (run != null && run.request().token() != Run.NOBODY) {
            turn.outputs.add(new Output.Moving(run.request().token(), what));
        }
    }

    private long age(long sinceMillis) {
        return turn.at.nowMillis() - sinceMillis;
    }
}
