package io.meridian.gateway.internal.protocol;

import io.meridian.model.position.Position;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A response that a client was sent, until it answers. Immutable.
 *
 * @param position of the view that it is of; null before there was one
 * @param sentAtNanos as System.nanoTime
 */
public record Unanswered(Outgoing response, @Nullable Position position, long sentAtNanos) {
    /** When it was sent by {@code clock}, in milliseconds since 1970; by its age, so that two answers may differ by one. */
    public long sentAtMs(InstantSource clock, long nowNanos) {
        return clock.millis() - TimeUnit.NANOSECONDS.toMillis(nowNanos - sentAtNanos);
    }
}
