package io.meridian.core;

import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Takes commands to the mesh that they are for. Thread-safe. */
public interface MeshCommands {
    /**
     * Routes to the mesh's entity in this region and, if its home is elsewhere, to that region (one hop).
     *
     * @return {@link CommandOutcome.Unknown} if {@code timeout} passed after the command may have been persisted
     */
    CompletionStage<CommandOutcome> execute(CommandRequest request, Duration timeout);

    /** As {@link #execute}, but answers {@link CommandOutcome.Unavailable} instead of forwarding: for commands that come from a region. */
    CompletionStage<CommandOutcome> executeHere(CommandRequest request, Duration timeout);
}
