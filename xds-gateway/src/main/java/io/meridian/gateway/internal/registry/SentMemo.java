package io.meridian.gateway.internal.registry;

import io.meridian.gateway.internal.protocol.Outgoing;
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

    /** {@code of}: the view that it is of; null before there was one. */
    @SuppressWarnings("ReferenceEquality") // the same response, and views of one publish share their position
    SentResponses.Sent of(Outgoing next, @Nullable Position of) {
        SentResponses.Sent known = sent;
        if (known != null && response.get() == next && position == of) {
            return known;
        }
        SentResponses.Sent made = new SentResponses.Sent(
                of, next.version(), clock.millis(), next.resources().size());
        response = new WeakReference<>(next);
        position = of;
        sent = made;
        return made;
    }
}
