package io.meridian.core.protocol;

import com.google.protobuf.util.Durations;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.position.Epoch;
import io.meridian.persistence.LogState;
import org.pcollections.HashTreePMap;

/**
 * The home's right to write for a while, on a majority's word; only for meshes that fail over by themselves. Voters count from when they heard, the
 * home from when it asked and less: clocks need not agree, only run at nearly the same speed.
 */
final class Leases {
    static final int MIN_VOTERS = 3;
    private static final long DEFAULT_MILLIS = 10_000;
    /** A tenth for clocks that run at different speeds. */
    private static final double DRIFT = 0.9;

    private final Turn turn;
    private final ProtocolState state;

    Leases(Turn turn) {
        this.turn = turn;
        this.state = turn.state;
    }

    boolean required() {
        LogState log = state.judged();
        return log.isReadable()
                && log.state().isActive()
                && log.state().spec().getFailover().getAutomatic()
                && turn.members.voters() >= MIN_VOTERS;
    }

    long lengthMillis() {
        MeshSpec.Failover failover = state.judged().state().spec().getFailover();
        return failover.hasLease() ? Durations.toMillis(failover.getLease()) : DEFAULT_MILLIS;
    }

    /** Whether this region, the home, may write in {@code epoch}. */
    boolean valid(Epoch epoch) {
        if (!required()) {
            return true;
        }
        long own = 1;
        long others = !state.leasesOf.equals(epoch)
                ? 0
                : state.leases.entrySet().stream()
                        .filter(lease -> turn.at.nowMillis() < lease.getValue())
                        .filter(lease -> turn.members.contains(lease.getKey()))
                        .count();
        return own + others >= turn.members.majority();
    }

    void answered(Input.LeaseAnswered answer) {
        if (answer.granted() && answer.epoch().equals(state.leasesOf)) {
            long until = answer.sentAtMillis() + (long) (lengthMillis() * DRIFT);
            Long earlier = state.leases.get(answer.region());
            if (earlier == null || earlier < until) {
                state.leases = state.leases.plus(answer.region(), until);
            }
        }
    }

    void settle() {
        Epoch epoch = state.durable.head().position().epoch();
        boolean home = epoch.regionIndex() == turn.self().index()
                && state.durable.isReadable()
                && state.durable.state().successor().isEmpty()
                && state.promised.compareTo(epoch) <= 0;
        if (!home || !required()) {
            return;
        }
        boolean first = !epoch.equals(state.leasesOf);
        if (first) {
            state.leasesOf = epoch;
            state.leases = HashTreePMap.empty();
        }
        long pause = lengthMillis() / (valid(epoch) ? 4 : 16);
        if (first || turn.at.nowMillis() - state.leaseAskedMillis >= pause) {
            state.leaseAskedMillis = turn.at.nowMillis();
            for (PeerView peer : turn.members.peers()) {
                turn.outputs.add(new Output.AskLease(peer.id(), epoch, lengthMillis(), turn.at.nowMillis()));
            }
        }
    }
}
