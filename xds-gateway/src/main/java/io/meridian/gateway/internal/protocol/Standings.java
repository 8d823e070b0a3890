package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the channels of one stream say of themselves, a bit each, by the ordinal of the type: a channel is looked at again only after it was
 * touched. A thousand streams that are told of one type do not fit the processor's caches with all of their channels; with one each they do.
 * Confined to its stream's thread; {@link #look} comes before each question.
 */
@SuppressWarnings("EnumOrdinal") // as sets of an enum, without an object for each
final class Standings {
    private static final int ALL = (1 << XdsType.values().length) - 1;

    private int touched = ALL;
    private int requested;
    private int rejected;
    private int stale;
    private int outstanding;
    private int mayBeReady;
    private int mayHoldUp;
    private int misses;

    /** What {@link #differs} compared with last, and which channels were touched since they were found equal to that. */
    private @Nullable List<StreamStatus.TypeState> compared;

    private int uncompared = ALL;

    void touched(XdsType type) {
        touched |= 1 << type.ordinal();
    }

    /** Asks those that were touched. {@code channels}: of each type, by ordinal. */
    void look(TypeChannel[] channels) {
        if (touched == 0) {
            return;
        }
        uncompared |= touched;
        for (int bits = touched; bits != 0; bits &= bits - 1) {
            int bit = Integer.lowestOneBit(bits);
            TypeChannel channel = channels[Integer.numberOfTrailingZeros(bits)];
            StreamStatus.State state = channel.state();
            requested = with(requested, bit, channel.requested());
            rejected = with(rejected, bit, state == StreamStatus.State.REJECTED);
            stale = with(stale, bit, state == StreamStatus.State.STALE);
            outstanding = with(outstanding, bit, channel.outstanding());
            mayBeReady = with(mayBeReady, bit, channel.mayBeReady());
            mayHoldUp = with(mayHoldUp, bit, channel.mayHoldUp());
            misses = with(misses, bit, channel.awaitsRequests());
        }
        touched = 0;
    }

    private static int with(int bits, int bit, boolean set) {
        return set ? bits | bit : bits & ~bit;
    }

    private static boolean in(int bits, XdsType type) {
        return (bits & 1 << type.ordinal()) != 0;
    }

    boolean requested(XdsType type) {
        return in(requested, type);
    }

    boolean anyRequested() {
        return requested != 0;
    }

    boolean anyRejected() {
        return rejected != 0;
    }

    /** Of those that were requested. */
    boolean anyStale() {
        return stale != 0;
    }

    boolean outstanding(XdsType type) {
        return in(outstanding, type);
    }

    /** Whether anything is outstanding that was requested. */
    boolean outstanding() {
        return (outstanding & requested) != 0;
    }

    /** As {@link TypeChannel#mayBeReady}. */
    boolean mayBeReady(XdsType type) {
        return in(mayBeReady, type);
    }

    /** As {@link TypeChannel#mayHoldUp}. */
    boolean mayHoldUp(XdsType type) {
        return in(mayHoldUp, type);
    }

    /** Of any type. */
    boolean mayHoldUp() {
        return mayHoldUp != 0;
    }

    /** As {@link TypeChannel#awaitsRequests}. */
    boolean misses(XdsType type) {
        return in(misses, type);
    }

    boolean mayPoll() {
        return (mayBeReady | misses) != 0;
    }

    /** As {@link DiscoveryStream#differs}. */
    @SuppressWarnings("ReferenceEquality") // another list is compared as a whole, whatever it has
    boolean differs(TypeChannel[] channels, List<StreamStatus.TypeState> told) {
        if (told != compared) {
            compared = told;
            uncompared = ALL;
        }
        // The type that is not always told is the last, so that each stands at its ordinal.
        if (told.size() != channels.length - (requested(XdsType.SECRET) ? 0 : 1)) {
            return true;
        }
        for (int bits = uncompared; bits != 0; bits &= bits - 1) {
            int type = Integer.numberOfTrailingZeros(bits);
            if (type < told.size() && channels[type].differs(told.get(type))) {
                return true;
            }
        }
        uncompared = 0;
        return false;
    }
}
