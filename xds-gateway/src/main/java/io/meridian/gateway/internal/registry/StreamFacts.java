package io.meridian.gateway.internal.registry;

import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one stream was sent and how its client took it, at one moment. Immutable.
 *
 * @param sent the last response of each type
 * @param refusals the last refusal of each type that has been refused and not been acknowledged since
 * @param refused how many responses were refused on this stream
 * @param unreadSinceNanos since when the transport has not taken what is queued, as System.nanoTime; 0 if it has
 * @param unacknowledgedSinceMs when the oldest unanswered response was sent, milliseconds since 1970; 0 if there is none
 */
public record StreamFacts(
        Map<XdsType, Sent> sent,
        Map<XdsType, Refusal> refusals,
        int refused,
        long unreadBytes,
        long unreadSinceNanos,
        long unacknowledgedSinceMs) {
    public static final StreamFacts NONE = new StreamFacts(Map.of(), Map.of(), 0, 0, 0, 0);

    public StreamFacts {
        sent = Map.copyOf(sent);
        refusals = Map.copyOf(refusals);
    }

    /** One response; {@code atMs}: milliseconds since 1970. */
    public record Sent(@Nullable Position position, String version, long atMs, int resources) {}
}
