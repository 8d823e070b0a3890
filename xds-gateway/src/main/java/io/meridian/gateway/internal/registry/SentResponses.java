package io.meridian.gateway.internal.registry;

import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import org.jspecify.annotations.Nullable;

/**
 * The last response of each type that a stream was sent: as of when its client answered, or was told of as not having answered. Written by the
 * stream's thread, read by any.
 */
@SuppressWarnings("EnumOrdinal") // as an EnumMap, of which a thousand are touched for one change
public final class SentResponses {
    private static final XdsType[] TYPES = XdsType.values();
    static final int NOWHERE = -1;

    // Guarded by this.
    private final @Nullable Sent[] last = new Sent[TYPES.length];
    /** A bit for each type, by ordinal. */
    private int unreported;

    /** Where its stream stands among those that are to be reported; {@link Deliveries} guards it. */
    int place = NOWHERE;

    /**
     * One response.
     *
     * @param position of the view that it is of; null before there was one
     * @param atMs milliseconds since 1970
     * @param resources how many it had
     */
    public record Sent(@Nullable Position position, String version, long atMs, int resources) {}

    public synchronized void note(XdsType type, Sent sent) {
        last[type.ordinal()] = sent;
        unreported |= 1 << type.ordinal();
    }

    synchronized @Nullable Sent of(XdsType type) {
        return last[type.ordinal()];
    }

    /** A bit, by ordinal, for each type of which a response was noted since the last call. */
    synchronized int takeUnreported() {
        int bits = unreported;
        unreported = 0;
        return bits;
    }

    synchronized boolean hasUnreported() {
        return unreported != 0;
    }

    /** Of the types whose bits are set, at least one, the first. */
    static XdsType lowest(int bits) {
        return TYPES[Integer.numberOfTrailingZeros(bits)];
    }
}
