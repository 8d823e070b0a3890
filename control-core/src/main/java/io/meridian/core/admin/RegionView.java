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
 */
record RegionView(
        String name, boolean reachable, Duration silentFor, Optional<Position> head, boolean witness, boolean member) {

    /** Of a member. */
    RegionView(String name, boolean reachable, Duration silentFor, Optional<Position> head, boolean witness) {
        this(name, reachable, silentFor, head, witness, true);
    }
}
