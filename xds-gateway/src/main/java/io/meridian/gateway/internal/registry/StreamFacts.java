package io.meridian.gateway.internal.registry;

import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.rollout.Halt;
import java.util.List;
import java.util.Map;

/**
 * How a stream's client behaves, at one moment. Immutable.
 *
 * @param refusals the last refusal of each type that has been refused and not been acknowledged since
 * @param refused how many responses were refused on this stream
 * @param unreadSinceNanos since when the transport has not taken what is queued, as System.nanoTime; 0 if it has, or will any moment
 * @param unacknowledgedSinceMs when the oldest unanswered response was sent, milliseconds since 1970; 0 if there is none
 * @param halts of which its proxy is kept on the version before
 */
public record StreamFacts(
        Map<XdsType, Refusal> refusals,
        int refused,
        long unreadBytes,
        long unreadSinceNanos,
        long unacknowledgedSinceMs,
        List<Halt> halts) {
    public static final StreamFacts NONE = new StreamFacts(Map.of(), 0, 0, 0, 0, List.of());

    public StreamFacts {
        refusals = Map.copyOf(refusals);
        halts = List.copyOf(halts);
    }
}
