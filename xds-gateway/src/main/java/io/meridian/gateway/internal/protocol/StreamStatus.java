package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a client stands. Immutable.
 *
 * @param served the position of its view; null before there is one
 * @param acknowledged everything that it needs at or before this position it has acknowledged; null if nothing yet
 * @param types in the order of {@link XdsType}
 */
public record StreamStatus(
        State state, @Nullable Position served, @Nullable Position acknowledged, List<TypeState> types) {
    public StreamStatus {
        types = List.copyOf(types);
    }

    public enum State {
        NOT_SENT,
        SYNCED,
        STALE,
        REJECTED,
        /** It has acknowledged all that it was sent, and is kept on earlier versions, as canaries refused later ones. */
        HELD
    }

    /** {@code nack}: the client's words, empty unless REJECTED. {@code resources}: number that it is to hold. */
    public record TypeState(
            XdsType type, State state, @Nullable Position acknowledged, String nack, int resources) {}
}
