package io.meridian.gateway.internal.protocol;

import io.meridian.model.position.Position;
import org.jspecify.annotations.Nullable;

/**
 * A response that a client was sent, until it answers. Immutable.
 *
 * @param position of the view that it is of; null before there was one
 * @param sentAtNanos as System.nanoTime
 */
public record Unanswered(Outgoing response, @Nullable Position position, long sentAtNanos) {}
