package io.meridian.replicator.core;

/**
 * What a step may know of the world besides its input.
 *
 * @param nowMillis of a clock that never goes back; its origin means nothing
 * @param jitter uniform in [0, 1), new for each step
 */
public record Moment(long nowMillis, double jitter) {}
