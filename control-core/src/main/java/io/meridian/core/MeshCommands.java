package io.meridian.core;

import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.position.Epoch;
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

    /**
     * As {@link #execute}, but answers {@link CommandOutcome.Unavailable} instead of forwarding: for commands that come from a region.
     *
     * @param expected the epoch that the sender believes in, {@link Epoch#NONE} for a mesh that it does not know; if it names this region, which has
     *     yet to learn of it, the command waits a little
     */
    CompletionStage<CommandOutcome> executeHere(CommandRequest request, Epoch expected, Duration timeout);
}
