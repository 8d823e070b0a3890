package io.meridian.core;

import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Reads states of meshes as this region knows them. Thread-safe. */
public interface MeshStates {
    /** What a read with a position finds. */
    sealed interface Read {
        record Found(MeshState state) implements Read {}

        /** The region does not hold the position and the timeout passed; {@code held} is its head's. */
        record Behind(Position held) implements Read {}

        /** The position is on a branch that was abandoned, or beyond any that ever was. */
        record RolledBack(Position asked) implements Read {}
    }

    /** The newest state; waits until it is at or after {@code min} if given. An unknown mesh has {@link MeshState#empty}. */
    CompletionStage<Read> latest(MeshId mesh, Optional<Position> min, Duration timeout);

    /** The state right after the event {@code seq} of the current branch. Completes with {@link Read.Behind} for one that does not exist. */
    CompletionStage<Read> at(MeshId mesh, long seq, Duration timeout);

    /** The seq of the last event at or before {@code time} by its (informative) wall time; 0 if there is none. */
    CompletionStage<Long> seqAt(MeshId mesh, Instant time, Duration timeout);
}
