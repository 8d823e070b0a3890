package io.meridian.gateway.internal.registry;

import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The last response of each type that a stream was sent. Written by the stream's thread, read by any. */
@SuppressWarnings("EnumOrdinal") // as an EnumMap that several threads may use
public final class SentResponses {
    private static final XdsType[] TYPES = XdsType.values();

    private final AtomicReferenceArray<@Nullable Sent> last = new AtomicReferenceArray<>(TYPES.length);
    /** A bit for each type, by ordinal. */
    private final AtomicInteger unreported = new AtomicInteger();

    /**
     * One response.
     *
     * @param position of the view that it is of; null before there was one
     * @param atMs milliseconds since 1970
     * @param resources how many it had
     */
    public record Sent(@Nullable Position position, String version, long atMs, int resources) {}

    void note(XdsType type, Sent sent) {
        last.set(type.ordinal(), sent);
        unreported.accumulateAndGet(bit(type), (bits, bit) -> bits | bit);
    }

    @Nullable
    Sent of(XdsType type) {
        return last.get(type.ordinal());
    }

    /** A bit, by ordinal, for each type of which a response was sent since the last call. */
    int takeUnreported() {
        return unreported.getAndSet(0);
    }

    boolean hasUnreported() {
        return unreported.get() != 0;
    }

    /** Of the types whose bits are set, at least one, the first. */
    static XdsType lowest(int bits) {
        return TYPES[Integer.numberOfTrailingZeros(bits)];
    }

    private static int bit(XdsType type) {
        return 1 << type.ordinal();
    }
}
