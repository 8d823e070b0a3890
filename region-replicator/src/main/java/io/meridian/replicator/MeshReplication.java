package io.meridian.replicator;

import io.meridian.model.log.Head;
import io.meridian.model.position.MeshId;
import io.meridian.replicator.core.Route;
import java.util.Optional;

/**
 * How one mesh's replication stands in this region: for operators and metrics.
 *
 * @param homeIndex the index of the region that the highest known epoch names; empty if nobody knows the mesh
 * @param own the durable head here
 * @param highest the highest head that any region told
 * @param lagEvents how many events this region is behind {@code highest}
 * @param detail why, in a sentence; empty where all is well
 * @param route by which way events come from the home
 */
public record MeshReplication(
        MeshId mesh,
        Optional<Integer> homeIndex,
        State state,
        Head own,
        Head highest,
        long lagEvents,
        String detail,
        Route route) {
    public enum State {
        /** This region is home: others follow it. */
        HOME,
        /** A stream to the home is open. */
        FOLLOWING,
        /** Between streams; {@code detail} says why. */
        CONNECTING,
        /** A contradiction was found; nothing is appended until the mesh's home moves to a later epoch. {@code detail} says which. */
        STOPPED,
        /** This region is a witness: it keeps no events. */
        WITNESS,
        /** This region is no member of the mesh: it does not follow it. */
        NOT_A_MEMBER,
        /** The home is a region that this one is not configured to know. */
        HOME_UNKNOWN
    }
}
