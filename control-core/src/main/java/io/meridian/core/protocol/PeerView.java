package io.meridian.core.protocol;

import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import java.util.Optional;

/**
 * Another region, as this one sees it now with regard to one mesh.
 *
 * @param witness whether it stores promises and heads and no events
 * @param reachable whether it has said something within the last few seconds
 * @param heard whether it has told all its heads since this process started; only then an absent {@code head} means that it has none
 * @param head what it last told of this mesh; empty if it never told one
 * @param promised the highest epoch that it told to have promised to; {@link Epoch#NONE} if none
 * @param reserve whether it is no member of a mesh whose log names no members
 */
public record PeerView(
        RegionId id,
        boolean witness,
        boolean reachable,
        boolean heard,
        Optional<Head> head,
        Epoch promised,
        boolean reserve) {

    /** One that is not in reserve. */
    public PeerView(
            RegionId id, boolean witness, boolean reachable, boolean heard, Optional<Head> head, Epoch promised) {
        this(id, witness, reachable, heard, head, promised, false);
    }
}
