package io.meridian.core.protocol;

import io.meridian.api.replication.v1.Moved;
import io.meridian.api.replication.v1.Refused;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.mesh.BranchAssessor;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.HomeTurn;
import io.meridian.model.mesh.MeshEvent.SegmentOpened.Cause;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.Origin;
import io.meridian.model.mesh.Writer;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.LogState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** One step in the making: what its parts share. */
final class Turn {
    private static final Duration RETRY_AFTER_FAILURE = Duration.ofMillis(500);

    final ProtocolSettings settings;
    final HomeTurn home;
    final BranchAssessor assessor;
    final ProtocolState state;
    final Moment at;
    final List<Output> outputs = new ArrayList<>();

    final Members members;
    final Queue queue;
    final Writes writes;
    final Copies copies;
    final Votes votes;
    final Handovers handovers;
    final Takeovers takeovers;
    final Fetches fetches;
    final Leases leases;
    final Tails tails;

    Turn(ProtocolSettings settings, HomeTurn home, BranchAssessor assessor, ProtocolState state, Moment at) {
        this.settings = settings;
        this.home = home;
        this.assessor = assessor;
        this.state = state;
        this.at = at;
        members = new Members(this);
        queue = new Queue(this);
        writes = new Writes(this);
        copies = new Copies(this);
        votes = new Votes(this);
        handovers = new Handovers(this);
        takeovers = new Takeovers(this);
        fetches = new Fetches(this);
        leases = new Leases(this);
        tails = new Tails(this);
    }

    void take(Input input) {
        switch (input) {
            case Input.Execute execute -> writes.execute(execute);
            case Input.Append append -> copies.append(append);
            case Input.Acknowledged(var region, var head) -> copies.acknowledged(region, head);
            case Input.Written written -> queue.written();
            case Input.Handover handover -> handovers.start(handover);
            case Input.Failover failover -> takeovers.asked(failover);
            case Input.PromiseAsked asked -> votes.promise(asked);
            case Input.PromiseAnswer answer -> takeovers.answered(answer);
            case Input.LeaseAsked asked -> votes.lease(asked);
            case Input.LeaseAnswered answer -> leases.answered(answer);
            case Input.MembersTold told -> members.told(told);
            case Input.MembersKept kept -> members.kept(kept);
            case Input.Fetched fetched -> fetches.fetched(fetched);
            case Input.FetchFailed failed -> fetches.failed(failed);
            case Input.BranchReported reported -> tails.reported(reported);
            case Input.Tick tick -> {}
        }
    }

    /** What follows from where things stand now, whatever the input was. */
    void settle() {
        if (state.resuming) {
            queue.flush();
            return;
        }
        takeovers.settle();
        handovers.settle();
        openIfDue();
        leases.settle();
        writes.settle();
        tails.settle();
        members.settle();
        queue.flush();
    }

    /**
     * The target of a handover goes on where the old home sealed. Not if it may have done so already and lost it with its disk: then what it wrote
     * comes back first, or it takes a new epoch.
     */
    private void openIfDue() {
        LogState log = state.judged();
        Optional<MeshState.Successor> successor = log.state().successor();
        if (!log.isReadable() || successor.isEmpty() || state.run != null || !state.cleared) {
            return;
        }
        Epoch epoch = successor.get().epoch();
        if (epoch.regionIndex() == self().index()
                && state.promised.compareTo(epoch) <= 0
                && highestKnown().compareTo(epoch) < 0
                && state.judged().head().equals(state.durable.head())) {
            queue.open(epoch, Cause.HANDOVER, Optional.empty(), Origins.SYSTEM);
        }
    }

    /**
     * Answers who asks for a move again, under the id of one that is in the log: it came to its end, or was given up.
     *
     * @return whether it is answered
     */
    boolean answerAgain(long token, Origin origin, String to) {
        LogState log = state.durable;
        if (origin.commandId().isEmpty()
                || state.isMoving()
                || log.state().applied().find(origin.commandId()).isEmpty()) {
            return false;
        }
        Epoch epoch = log.head().position().epoch();
        if (!nameOf(epoch).equals(to)) {
            outputs.add(new Output.MoveRefused(
                    token,
                    refused(
                            Refused.Code.ABORTED,
                            "the move that was asked for as " + origin.commandId()
                                    + " was given up, or another came after it; the home is region "
                                    + nameOf(epoch) + ". Ask anew under another id")));
            return true;
        }
        Lineage.Segment opened = log.state().lineage().segments().getLast();
        Epoch parent = log.state().lineage().epochAt(opened.baseSeq());
        outputs.add(new Output.HomeMoved(
                token,
                Moved.newBuilder()
                        .setPosition(new Position(mesh(), epoch, opened.baseSeq() + 1).toProto())
                        .setFromRegion(parent.isNone() ? "" : nameOf(parent))
                        .setToRegion(to)
                        .setOpened(true)
                        .build()));
        return true;
    }

    void abandon(String why) {
        if (state.run != null) {
            takeovers.refuse(Refused.Code.UNAVAILABLE, why);
        }
        handovers.abandon(why);
        queue.abandon(why);
        writes.abandon(why);
    }

    RegionId self() {
        return settings.self();
    }

    MeshId mesh() {
        return state.durable.head().position().mesh();
    }

    Writer writer(Epoch epoch) {
        return new Writer(self(), epoch, settings.incarnation(), at.wallTime());
    }

    Optional<PeerView> peer(String name) {
        return at.peers().stream().filter(peer -> peer.id().name().equals(name)).findFirst();
    }

    Optional<PeerView> peer(int index) {
        return at.peers().stream().filter(peer -> peer.id().index() == index).findFirst();
    }

    String nameOf(Epoch epoch) {
        return epoch.regionIndex() == self().index()
                ? self().name()
                : peer(epoch.regionIndex())
                        .map(peer -> peer.id().name())
                        .or(() -> members.view().members().stream()
                                .filter(member -> member.region().index() == epoch.regionIndex())
                                .map(member -> member.region().name())
                                .findFirst())
                        .orElse("the region with index " + epoch.regionIndex());
    }

    /** The highest epoch of any head that a region told, this one's included. */
    Epoch highestKnown() {
        Epoch highest = state.judged().head().position().epoch();
        for (PeerView peer : at.peers()) {
            Epoch told = peer.head().map(head -> head.position().epoch()).orElse(Epoch.NONE);
            highest = max(highest, told);
        }
        return highest;
    }

    /** The highest epoch that anybody promised to, wrote in or was given by a seal, as far as known here. */
    Epoch highestPromised() {
        LogState log = state.judged();
        Epoch given = log.isReadable()
                ? log.state().successor().map(MeshState.Successor::epoch).orElse(Epoch.NONE)
                : Epoch.NONE;
        Epoch highest = max(max(highestKnown(), state.promised), given);
        for (PeerView peer : at.peers()) {
            highest = max(highest, peer.promised());
        }
        return highest;
    }

    /**
     * The epoch of this region's own that it takes behind {@code epoch}. While it has not heard all others since it started it may have forgotten epochs of its own with its
     * disk that only the unheard know; the smallest one could be one of these. So it takes the one that the clock names (ADR 25).
     */
    Epoch nextOwn(Epoch epoch) {
        return members.unheardHolders().isEmpty()
                ? epoch.next(self().index())
                : epoch.next(self().index(), at.wallTime());
    }

    /**
     * Whether another region holds more of an epoch of this region's: an earlier incarnation wrote it, and its disk was replaced by an older copy.
     */
    boolean isBehindInOwnEpochs() {
        Position own = state.judged().head().position();
        return at.peers().stream()
                .filter(peer -> !peer.witness())
                .flatMap(peer -> peer.head().stream())
                .map(Head::position)
                .anyMatch(told -> told.epoch().regionIndex() == self().index() && told.compareTo(own) > 0);
    }

    /** The furthest head that a region told. */
    Optional<Head> furthestPeerHead() {
        return at.peers().stream()
                .flatMap(peer -> peer.head().stream())
                .filter(head -> !head.isEmpty())
                .max(Comparator.comparing(Head::position));
    }

    static Epoch max(Epoch a, Epoch b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    static Refused refused(Refused.Code code, String message) {
        return Refused.newBuilder().setCode(code).setMessage(message).build();
    }

    static Optional<Refused> refusal(Refused.Code code, String message) {
        return Optional.of(refused(code, message));
    }

    static CommandOutcome unavailable(String why) {
        return new CommandOutcome.Unavailable(why, RETRY_AFTER_FAILURE);
    }
}
