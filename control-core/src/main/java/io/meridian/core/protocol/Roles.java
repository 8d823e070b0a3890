package io.meridian.core.protocol;

import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Epoch;
import io.meridian.persistence.LogState;
import java.util.Optional;

/** Says who takes a mesh's writes, as far as this region knows. */
final class Roles {
    private Roles() {}

    static Role of(Turn turn) {
        ProtocolState state = turn.state;
        LogState log = state.judged();
        Head head = log.head();
        if (turn.settings.witness()) {
            return ofWitness(turn);
        }
        if (state.resuming) {
            return new Role.Hold("region " + turn.self() + " goes over to another branch of mesh " + turn.mesh());
        }
        if (state.run != null) {
            return new Role.Hold("region " + turn.self() + " is taking over mesh " + turn.mesh());
        }
        if (head.isEmpty()) {
            return ofUnknownMesh(turn);
        }
        Epoch later = later(turn);
        Optional<MeshState.Successor> successor = log.isReadable() ? log.state().successor() : Optional.empty();
        Epoch epoch =
                successor.map(MeshState.Successor::epoch).orElse(head.position().epoch());
        if (later.compareTo(epoch) > 0) {
            return later.regionIndex() == turn.self().index()
                    ? new Role.Hold("region " + turn.self() + " lost its epoch " + later + " of mesh " + turn.mesh()
                            + "; it gets it back from the others first")
                    : new Role.Elsewhere(later);
        }
        if (epoch.regionIndex() != turn.self().index()) {
            return new Role.Elsewhere(epoch);
        }
        if (state.promised.compareTo(epoch) > 0) {
            return new Role.Hold("region " + turn.self() + " has yet to open epoch " + state.promised);
        }
        if (successor.isPresent()) {
            return new Role.Hold("region " + turn.self() + " opens epoch " + epoch);
        }
        return ofHome(turn, log, epoch);
    }

    private static Role ofWitness(Turn turn) {
        return turn.furthestPeerHead()
                .<Role>map(head -> new Role.Elsewhere(head.position().epoch()))
                .orElseGet(() -> new Role.Fenced("region " + turn.self()
                        + " is a witness, which takes no writes, and no region that it hears knows mesh "
                        + turn.mesh()));
    }

    /** A promise to oneself that came to nothing makes nobody else the home. */
    private static Epoch later(Turn turn) {
        Epoch promised = turn.state.promised;
        return promised.regionIndex() == turn.self().index()
                ? turn.highestKnown()
                : Turn.max(turn.highestKnown(), promised);
    }

    private static Role ofHome(Turn turn, LogState log, Epoch epoch) {
        if (!log.isReadable()) {
            return new Role.Fenced("this version cannot read the log of mesh " + turn.mesh() + " beyond position "
                    + log.state().head().position() + "; upgrade this region");
        }
        if (turn.state.lost) {
            return new Role.Hold("region " + turn.self() + ", the home of mesh " + turn.mesh()
                    + ", lost events that other regions hold; it pulls them back and takes a new epoch first");
        }
        if (log.state().handover().isPresent()) {
            return new Role.Hold("mesh " + turn.mesh() + " moves to region "
                    + log.state().handover().get().toRegion());
        }
        if (!turn.state.cleared) {
            return new Role.Hold(
                    "region " + turn.self() + " was restarted and has not heard from enough regions to know"
                            + " that it lost nothing of mesh " + turn.mesh());
        }
        if (!turn.leases.valid(epoch)) {
            return new Role.Hold("region " + turn.self() + " has no majority's lease for mesh " + turn.mesh());
        }
        return new Role.Writer(epoch);
    }

    /** ADR 0003: before a region opens the log of a name that it does not know, it asks the others whether they know it. */
    private static Role ofUnknownMesh(Turn turn) {
        Epoch first = Epoch.NONE.next(turn.self().index());
        Epoch promised = turn.state.promised;
        if (promised.compareTo(first) > 0) {
            if (promised.regionIndex() != turn.self().index()) {
                return new Role.Elsewhere(promised);
            }
            // A failover to here came to nothing, and who had the mesh may have lost it since: others take nothing in
            // earlier epochs any more.
            first = promised;
        }
        Optional<Head> known = turn.furthestPeerHead();
        if (known.isEmpty() && !turn.members.isMember()) {
            return new Role.Fenced(
                    "region " + turn.self() + " is in reserve and creates no meshes, and no region that it"
                            + " hears knows mesh " + turn.mesh());
        }
        if (known.isEmpty()) {
            return hearsEnough(turn)
                    ? new Role.Writer(first)
                    : new Role.Hold("region " + turn.self() + " does not know mesh " + turn.mesh()
                            + " and hears too few regions to know that none of them does");
        }
        Epoch epoch = known.get().position().epoch();
        return epoch.regionIndex() == turn.self().index()
                ? new Role.Hold("region " + turn.self() + " lost mesh " + turn.mesh()
                        + ", which other regions hold up to " + known.get().position() + "; it pulls it back first")
                : new Role.Elsewhere(epoch);
    }

    /**
     * Whoever does not answer yet may be the only one who holds what this region lost with its disk, so that he is waited for as by a home that was restarted;
     * for longer than that a majority is enough, and a pair without a third voice cannot wait for each other.
     */
    private static boolean hearsEnough(Turn turn) {
        boolean asked = turn.members.unheardHolders().isEmpty()
                || turn.at.nowMillis() - turn.state.openedMillis
                        >= turn.settings.timing().clearance().toMillis();
        long heard = turn.members.peers().stream()
                .filter(peer -> peer.heard() && peer.reachable())
                .count();
        return asked && (turn.members.voters() < Leases.MIN_VOTERS || heard + 1 >= turn.members.majority());
    }
}
