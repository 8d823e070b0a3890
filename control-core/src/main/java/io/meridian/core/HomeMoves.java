package io.meridian.core;

import io.meridian.api.replication.v1.FailoverRequest;
import io.meridian.api.replication.v1.FailoverResponse;
import io.meridian.api.replication.v1.HandoverRequest;
import io.meridian.api.replication.v1.HandoverResponse;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Moves the homes of meshes between regions. Thread-safe; never blocks.
 *
 * <p>What cannot be done is a {@code Refused} answer with nothing changed. A stage fails only where it is not known what became of the move: the
 * regions then say (see {@link MeshLog#head}); asking again is safe.
 */
public interface HomeMoves {
    /**
     * Moves the home with nothing lost (docs/replication.md, "Planned handover"). May be called in any region: the request goes to the home.
     *
     * @param steps told each step as it happens, from any thread; must not block
     */
    CompletionStage<HandoverResponse> handover(HandoverRequest request, Duration timeout, Consumer<String> steps);

    /**
     * Makes {@code toRegion} the home without the old home's consent (docs/replication.md, "Forced failover"). May be called in any region: the
     * request goes to {@code toRegion}.
     *
     * @param steps told each step as it happens, from any thread; must not block
     */
    CompletionStage<FailoverResponse> failover(
            FailoverRequest request, String toRegion, Duration timeout, Consumer<String> steps);
}
