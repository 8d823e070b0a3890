package io.meridian.model.mesh;

import io.meridian.api.type.v1.Actor;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.Optional;

/**
 * A command with who, why and under which conditions.
 *
 * @param commandId identifies it for ever: sent again, it is answered and not applied again
 * @param originRegion the region that the client spoke to
 * @param expectedPosition if present, refused unless the mesh's head is exactly that
 * @param validateOnly decide and answer, store nothing
 */
public record CommandRequest(
        MeshId mesh,
        String commandId,
        Actor actor,
        String reason,
        String originRegion,
        Optional<Position> expectedPosition,
        boolean validateOnly,
        MeshCommand command) {

    /** The same with another command. */
    public CommandRequest with(MeshCommand other) {
        return new CommandRequest(mesh, commandId, actor, reason, originRegion, expectedPosition, validateOnly, other);
    }
}
