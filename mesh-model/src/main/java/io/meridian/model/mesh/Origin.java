package io.meridian.model.mesh;

import io.meridian.api.type.v1.Actor;

/**
 * Who caused events of the log's own, and why: what their headers say beside their writer. For a place in a client's file, see
 * {@link MeshCommand.Origin}.
 *
 * @param commandId may be empty: then it is not remembered as applied
 * @param originRegion the region that the request came in by
 */
public record Origin(String commandId, Actor actor, String reason, String originRegion) {}
