package io.meridian.core.protocol;

import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.persistence.LogState;
import io.meridian.persistence.ManifestEvent;
import java.util.List;
import java.util.Optional;

/** What this region promises to others: epochs for good, leases for a while. */
final class Votes {
    private final Turn turn;
    private final ProtocolState state;

    Votes(Turn turn) {
        this.turn = turn;
        this.state = turn.state;
    }

    void promise(Input.PromiseAsked asked) {
        Optional<String> refusal = refusal(asked);
        if (refusal.isPresent()) {
            answer(asked.token(), false, refusal.get());
            return;
        }
        raise(asked.epoch());
        turn.queue.whenDurable(new Waiting.Promise(asked.token(), asked.epoch()));
    }

    /** From now on nothing of a lower epoch is begun; durable with the batch that is queued here. */
    void raise(Epoch epoch) {
        if (epoch.compareTo(state.promised) <= 0) {
            return;
        }
        turn.queue.dropEarlier(
                epoch,
                "region " + turn.self() + " promised epoch " + epoch + " of mesh " + turn.mesh() + " to region "
                        + turn.nameOf(epoch));
        state.promised = epoch;
        turn.queue.addManifest(List.of(new ManifestEvent.Promised(epoch)));
    }

    private Optional<String> refusal(Input.PromiseAsked asked) {
        if (state.resuming) {
            return Optional.of("region " + turn.self() + " goes over to another branch");
        }
        Epoch epoch = asked.epoch();
        Optional<PeerView> candidate = turn.peer(asked.candidate());
        if (candidate.isEmpty() || candidate.get().id().index() != epoch.regionIndex()) {
            return Optional.of("region " + turn.self() + " knows no region " + asked.candidate() + " with the index "
                    + epoch.regionIndex() + " of epoch " + epoch);
        }
        if (epoch.compareTo(state.promised) < 0) {
            return Optional.of("region " + turn.self() + " promised epoch " + state.promised + " to region "
                    + turn.nameOf(state.promised));
        }
        if (epoch.compareTo(state.judged().head().position().epoch()) <= 0) {
            return Optional.of("region " + turn.self() + " has events of epoch "
                    + state.judged().head().position().epoch() + " already");
        }
        Optional<String> stranger = turn.members.refusal(candidate.get().id(), asked.head());
        return stranger.isPresent() || !asked.automatic() ? stranger : lease(epoch);
    }

    /** A voter that was restarted does not know what it granted before: it waits until that has run out. */
    private Optional<String> lease(Epoch epoch) {
        long blindUntil = state.openedMillis + turn.leases.lengthMillis();
        long until = Math.max(blindUntil, state.leasedUntilMillis);
        boolean own = state.leased.regionIndex() == epoch.regionIndex() && turn.at.nowMillis() >= blindUntil;
        return turn.at.nowMillis() < until && !own
                ? Optional.of("region " + turn.self() + " granted a lease that runs for another "
                        + (until - turn.at.nowMillis()) + " ms")
                : Optional.empty();
    }

    void durable(Waiting.Promise promise) {
        boolean stands = promise.epoch().equals(state.promised);
        answer(
                promise.token(),
                stands,
                stands ? "" : "region " + turn.self() + " promised epoch " + state.promised + " in the meantime");
    }

    void answer(long token, boolean granted, String why) {
        boolean witness = turn.settings.witness();
        Head own = state.durable.head();
        Head head = witness ? furthestHeard() : own;
        turn.outputs.add(
                new Output.PromiseAnswered(token, granted, head, state.promised, witness, turn.members.known(), why));
    }

    /** Now, or before this process started. */
    private Head furthestHeard() {
        Head noted = turn.members.known().head();
        return turn.furthestPeerHead()
                .filter(head -> head.position().compareTo(noted.position()) > 0)
                .orElse(noted);
    }

    void lease(Input.LeaseAsked asked) {
        Epoch epoch = asked.epoch();
        LogState log = state.judged();
        String refusal = turn.members.refusal(epoch).orElse("");
        if (!refusal.isEmpty()) {
            turn.outputs.add(new Output.LeaseGiven(asked.token(), false, state.promised, refusal));
            return;
        }
        if (epoch.compareTo(state.promised) < 0) {
            refusal = "region " + turn.self() + " promised epoch " + state.promised;
        } else if (epoch.compareTo(log.head().position().epoch()) < 0) {
            refusal = "region " + turn.self() + " has events of epoch "
                    + log.head().position().epoch();
        } else if (epoch.compareTo(state.leased) < 0) {
            refusal = "region " + turn.self() + " granted a lease for epoch " + state.leased;
        } else {
            state.leased = epoch;
            state.leasedUntilMillis = turn.at.nowMillis() + asked.lengthMillis();
        }
        turn.outputs.add(new Output.LeaseGiven(asked.token(), refusal.isEmpty(), state.promised, refusal));
    }
}
