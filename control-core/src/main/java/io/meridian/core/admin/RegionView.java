package io.meridian.core.admin;

import io.meridian.model.position.Position;
import java.time.Duration;
import java.util.Optional;

/**
 * What the answering region knows of a region and of its copy of one mesh's log.
 *
 * @param silentFor since its last verified word; zero for the answering region
 * @param head that it told last; empty if it never told one
 * @param witness it keeps promises and heads and no events
 * @param member whether it is a member of the mesh
 * @param astray whether its head is not on the branch that the answering region is on, in a later epoch: it has yet to leave what it holds beyond
 */
record RegionView(
        String name,
        boolean reachable,
        Duration silentFor,
        Optional<Position> head,
        boolean witness,
        boolean member,
        boolean astray) {

    /** Of a member that is not astray. */
    RegionView(String name, boolean reachable, Duration silentFor, Optional<Position> head, boolean witness) {
        this(name, reachable, silentFor, head, witness, true, false);
    }
}
