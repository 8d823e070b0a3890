package io.meridian.core.protocol;

import java.time.Instant;
import java.util.List;

/**
 * What a step may know of the world besides its input.
 *
 * @param nowMillis of a clock that never goes back; its origin means nothing
 * @param wallTime information for people; nothing is decided by it, only an epoch is named after it that no earlier incarnation may have taken
 * @param peers every other region that is configured, a member of the mesh or not; always the same ones
 */
public record Moment(long nowMillis, Instant wallTime, List<PeerView> peers) {}
