package io.meridian.model.mesh;

import io.meridian.api.type.v1.Finding;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.util.List;

/** What a client is told of its command. */
public sealed interface CommandOutcome {
    /**
     * Done, durably.
     *
     * @param position the head after it; for one that changed nothing, the head that it was judged against
     * @param replayed it had been applied before under the same id; {@code position} is then that of its own last event
     * @param changes of resources, if it made any; empty for a replay
     */
    record Accepted(
            Position position,
            List<Finding> findings,
            boolean replayed,
            boolean unchanged,
            List<MeshEvent.ResourceChange> changes)
            implements CommandOutcome {}

    /** Judged and refused; nothing changed. */
    record Rejected(List<Violation> violations) implements CommandOutcome {}

    /** Not judged: the home cannot be reached or does not take writes now. Nothing changed. */
    record Unavailable(String message, Duration retryAfter) implements CommandOutcome {}

    /** It may or may not have happened: ask again with the same command id. */
    record Unknown(String commandId, String message) implements CommandOutcome {}
}
