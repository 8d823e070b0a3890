package io.meridian.core.protocol;

import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshEvent.SegmentOpened.Cause;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.LogState;
import java.util.List;
import java.util.Optional;

/**
 * When a region takes over without an operator: a home that was restarted and cannot hear of everybody what he holds; a home, or the target of a
 * handover, that promised an epoch which nobody opens; a home that sealed for a target which cannot take the seal; a replica of a mesh that fails over
 * by itself.
 */
final class Rightful {
    private final Turn turn;
    private final ProtocolState state;

    Rightful(Turn turn) {
        this.turn = turn;
        this.state = turn.state;
    }

    void settle(Takeovers takeovers) {
        LogState log = state.judged();
        noteLoss();
        if (log.head().isEmpty() || !log.isReadable()) {
            return;
        }
        Epoch epoch = log.state()
                .successor()
                .map(MeshState.Successor::epoch)
                .orElse(log.head().position().epoch());
        clear();
        if (!turn.members.isMember()) {
            state.blockedSinceMillis = -1;
            return;
        }
        if (turn.highestKnown().compareTo(epoch) > 0) {
            state.blockedSinceMillis = -1;
        } else if (epoch.regionIndex() == turn.self().index()) {
            reclaim(takeovers, epoch);
            goOnUncleared(takeovers, log.head());
        } else if (isRefused(log, epoch)) {
            reclaim(takeovers, log.head().position().epoch());
        } else {
            state.blockedSinceMillis = -1;
            takeOver(takeovers, epoch);
        }
    }

    /**
     * This region sealed its epoch for a successor that has since promised another one, perhaps to itself in a failover that failed: it takes nothing of
     * the sealed epoch any more, and so will never learn of the seal.
     */
    private boolean isRefused(LogState log, Epoch successor) {
        Head head = log.head();
        return head.position().epoch().regionIndex() == turn.self().index()
                && turn.peer(successor.regionIndex())
                        .filter(peer ->
                                peer.promised().compareTo(head.position().epoch()) > 0)
                        .filter(peer -> peer.head().isEmpty()
                                || peer.head().get().position().compareTo(head.position()) < 0)
                        .isPresent();
    }

    /** Somebody was promised a later epoch and has not opened it. Perhaps he is about to; perhaps he failed. */
    private void reclaim(Takeovers takeovers, Epoch epoch) {
        Epoch promised = turn.highestPromised();
        if (promised.compareTo(epoch) <= 0) {
            state.blockedSinceMillis = -1;
            return;
        }
        if (state.blockedSinceMillis < 0) {
            state.blockedSinceMillis = turn.at.nowMillis();
        }
        if (turn.at.nowMillis() - state.blockedSinceMillis
                >= turn.settings.timing().reclaim().toMillis()) {
            // Again after the same pause if this comes to nothing.
            state.blockedSinceMillis = turn.at.nowMillis();
            takeovers.begin(
                    Cause.RECLAIMED,
                    turn.leases.required(),
                    "epoch " + promised + " was promised to region " + turn.nameOf(promised)
                            + ", which did not open it");
        }
    }

    /** Remembered when all is back, and for a mesh of which nothing is left here too: what else was lost may still be on its way to others. */
    private void noteLoss() {
        state.lost = state.lost || turn.isBehindInOwnEpochs();
    }

    /** Who has heard of all others that they hold no more of the own epochs has lost nothing, home or not. */
    private void clear() {
        state.cleared =
                !state.lost && (state.cleared || turn.members.unheardHolders().isEmpty());
    }

    /**
     * What an earlier incarnation wrote may have been lost with its disk, or by an old backup, and be held by others, or still be on its way to them.
     * Who lost something, or hears of a majority and not of all, takes a new epoch, so that no position is given twice, but waits for those who do not
     * answer yet: one of them may be the only one who still holds what was acknowledged, also one that left since, or that joined after the copy was
     * made. Who has but one peer, which does not answer, goes on: a pair
     * without a witness cannot do better.
     */
    private void goOnUncleared(Takeovers takeovers, Head head) {
        boolean heardAll = turn.members.unheardHolders().isEmpty();
        // The promise of a new epoch drops what is queued of earlier ones, perhaps the very events that were pulled
        // back.
        boolean queued = !state.durable.head().equals(head);
        if (state.cleared || state.run != null || queued || !(hasWaited() || (state.lost && heardAll))) {
            return;
        }
        List<RegionId> unheard = turn.members.unheard();
        if (turn.members.voters() - unheard.size() >= turn.members.majority()) {
            newEpoch(takeovers);
        } else if (turn.members.voters() < Leases.MIN_VOTERS) {
            state.cleared = true;
            turn.outputs.add(
                    new Output.Notice(
                            Output.Notice.Level.WARN,
                            "region " + turn.self() + " goes on with mesh " + turn.mesh() + " at position "
                                    + head.position()
                                    + " though region " + unheard.getFirst()
                                    + " does not answer: if it was restored from an old copy, events may be lost. A witness would tell"));
        }
    }

    private boolean hasWaited() {
        return turn.at.nowMillis() - state.openedMillis
                >= turn.settings.timing().clearance().toMillis();
    }

    private void newEpoch(Takeovers takeovers) {
        if (turn.at.nowMillis() < state.automaticAgainMillis) {
            return;
        }
        state.automaticAgainMillis =
                turn.at.nowMillis() + turn.settings.timing().reclaim().toMillis();
        takeovers.begin(
                Cause.RECLAIMED,
                turn.leases.required(),
                "region " + turn.self()
                        + (state.lost
                                ? " lost events of its own that other regions hold"
                                : " was restarted and could not ask every region what it holds"));
    }

    private void takeOver(Takeovers takeovers, Epoch epoch) {
        if (!turn.leases.required() || turn.at.nowMillis() < state.automaticAgainMillis) {
            return;
        }
        Optional<PeerView> home = turn.peer(epoch.regionIndex());
        long since = Math.max(state.leasedUntilMillis, state.openedMillis + turn.leases.lengthMillis());
        long rank = turn.members.peers().stream()
                .filter(peer -> !peer.witness())
                .filter(peer -> peer.id().index() < turn.self().index())
                .filter(peer -> peer.id().index() != epoch.regionIndex())
                .count();
        long from = since + rank * turn.settings.timing().stagger().toMillis();
        if (turn.at.nowMillis() < from || (home.isPresent() && home.get().reachable())) {
            return;
        }
        state.automaticAgainMillis =
                turn.at.nowMillis() + turn.settings.timing().reclaim().toMillis();
        takeovers.begin(
                Cause.FORCED,
                true,
                "the home of mesh " + turn.mesh() + ", region " + turn.nameOf(epoch)
                        + ", has been silent for longer than its lease");
    }
}
