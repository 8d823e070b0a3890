package io.meridian.gateway.internal.registry;

import io.meridian.gateway.internal.protocol.Outgoing;
import io.meridian.gateway.internal.protocol.Unanswered;
import io.meridian.model.position.Position;
import java.lang.ref.WeakReference;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What is noted of a response that one stream after the other is sent: made once, and the same object for all of them, so that whoever gathers
 * what was delivered need not compare. Confined to the loop of its streams.
 */
public final class SentMemo {
    private final InstantSource clock;
    /** Held weakly: its bytes are let go when nobody gets it any more. */
    private WeakReference<@Nullable Outgoing> response = new WeakReference<>(null);

    private @Nullable Position position;
    private SentResponses.@Nullable Sent sent;

    public SentMemo(InstantSource clock) {
        this.clock = clock;
    }

    /** {@code nowNanos}: as System.nanoTime. */
    @SuppressWarnings("ReferenceEquality") // the same response, and views of one publish share their position
    public SentResponses.Sent of(Unanswered next, long nowNanos) {
        SentResponses.Sent known = sent;
        Outgoing bytes = next.response();
        if (known != null && response.get() == bytes && position == next.position()) {
            return known;
        }
        SentResponses.Sent made = new SentResponses.Sent(
                next.position(),
                bytes.version(),
                next.sentAtMs(clock, nowNanos),
                bytes.resources().size());
        response = new WeakReference<>(bytes);
        position = next.position();
        sent = made;
        return made;
    }
}
