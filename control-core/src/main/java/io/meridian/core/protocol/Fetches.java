package io.meridian.core.protocol;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/** Fetches what this region lacks: a candidate before it opens its epoch, a home that lost its tail before it writes. */
final class Fetches {
    private final Turn turn;
    private final ProtocolState state;

    Fetches(Turn turn) {
        this.turn = turn;
        this.state = turn.state;
    }

    /**
     * A region that holds more of the own log's epoch, which this region writes. One that holds a later epoch of this region's is followed like any
     * home: what is stored here may be no part of its branch.
     */
    Optional<PeerView> aheadInOwnEpoch() {
        Position own = state.judged().head().position();
        return turn.at.peers().stream()
                .filter(peer -> !peer.witness())
                .filter(peer -> peer.head().isPresent())
                .filter(peer -> isAhead(peer.head().get().position(), own))
                .max(Comparator.comparing(peer -> peer.head().get().position()));
    }

    private boolean isAhead(Position other, Position own) {
        return own.epoch().regionIndex() == turn.self().index()
                && other.epoch().equals(own.epoch())
                && other.seq() > own.seq();
    }

    void settle() {
        if (state.run != null || state.fetching != null || turn.at.nowMillis() < state.fetchAgainMillis) {
            return;
        }
        Optional<PeerView> ahead = aheadInOwnEpoch();
        // Only where that epoch is the last of all: otherwise it follows the home like every replica.
        boolean last = Turn.max(turn.highestKnown(), state.promised)
                .equals(state.judged().head().position().epoch());
        if (ahead.isPresent() && ahead.get().reachable() && last && state.isIdle()) {
            fetch(ahead.get().id());
        }
    }

    void fetch(RegionId from) {
        state.fetching = from;
        turn.outputs.add(new Output.Fetch(
                from,
                state.judged().head().position().seq(),
                turn.settings.limits().fetchEvents()));
    }

    void fetched(Input.Fetched fetched) {
        if (!fetched.region().equals(state.fetching)) {
            return;
        }
        state.fetching = null;
        Head before = state.judged().head();
        if (state.run == null && state.promised.compareTo(before.position().epoch()) > 0) {
            // Promised in the meantime: what is lacking comes with the branch that the promise was for.
            return;
        }
        if (fetched.envelopes().isEmpty()
                || fetched.afterSeq() != before.position().seq()) {
            retry(fetched.region(), "region " + fetched.region() + " gave nothing behind seq " + fetched.afterSeq());
            return;
        }
        // Asked for under our own promise, or by the only writer of that epoch: older epochs' events are welcome.
        Acceptance stopped = turn.copies.take(fetched.envelopes(), state.promised, Map.of(), Epoch.NONE);
        if (stopped != null) {
            retry(
                    fetched.region(),
                    "what region " + fetched.region() + " holds does not continue the log of region " + turn.self()
                            + ": " + stopped);
        } else if (state.run != null) {
            state.run = state.run.fetchFailed(0);
        }
    }

    void failed(Input.FetchFailed failed) {
        if (failed.region().equals(state.fetching)) {
            state.fetching = null;
            retry(failed.region(), "region " + failed.region() + ": " + failed.why());
        }
    }

    private void retry(RegionId from, String why) {
        state.fetchAgainMillis =
                turn.at.nowMillis() + turn.settings.timing().retry().toMillis();
        if (state.run != null) {
            turn.takeovers.fetchFailed(why);
        } else {
            turn.outputs.add(new Output.Notice(
                    Output.Notice.Level.WARN,
                    "mesh " + turn.mesh() + " cannot be pulled back from region " + from + ": " + why));
        }
    }
}
