package io.meridian.replicator.core;

import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * One stream from this region's log of a mesh to one replica. Immutable.
 *
 * @param opened what the replica opened with
 * @param logHead the own durable head; null until it is known
 * @param flow what goes over the stream
 * @param reading whether a read is not answered yet
 * @param spokeAtMillis when something was last sent
 * @param claims what the replica says to hold that was not sent over this stream
 */
public record SenderState(
        Phase phase,
        Opened opened,
        @Nullable Head logHead,
        Flow flow,
        boolean reading,
        long spokeAtMillis,
        Claims claims) {

    /**
     * An acknowledgement of what came by another way than this stream. It counts once the own log is seen to have that event.
     *
     * @param credits as of any acknowledgement
     */
    public record Claim(Head head, int credits, long atMillis) {}

    /**
     * @param newest not looked up yet; null if there is none
     * @param lookedUp the one that the read under way looks up; null if that is another read
     */
    public record Claims(@Nullable Claim newest, @Nullable Claim lookedUp) {
        static final Claims NONE = new Claims(null, null);
    }

    /** {@code lineage}: of the replica's branch, which {@code head} lies on. */
    public record Opened(Head head, Lineage lineage) {}

    public sealed interface Phase {
        /** Whether the opened head is on the own branch is not known yet. */
        record Checking() implements Phase {}

        /** It is not; the own lineage is being read. */
        record AskingBranch() implements Phase {}

        /** The two branches part behind {@code seq}; the own event there is being read. */
        record ReadingFork(long seq) implements Phase {}

        record Streaming() implements Phase {}

        /** Ended; everything is ignored. */
        record Closed() implements Phase {}
    }

    /**
     * @param sent the last event given to the transport
     * @param ackedSeq the last seq that the replica holds durably
     * @param credits how far {@code sent} may be ahead of {@code ackedSeq}
     * @param inFlight the hashes of what is sent and not acknowledged, by seq
     * @param sending whether a send is not answered yet
     * @param writable whether the transport takes more without buffering
     * @param ackProgressMillis when the replica last owed nothing or acknowledged something
     */
    public record Flow(
            Head sent,
            long ackedSeq,
            int credits,
            PSortedMap<Long, Hash> inFlight,
            boolean sending,
            boolean writable,
            long ackProgressMillis) {

        long sentSeq() {
            return sent.position().seq();
        }

        long windowLeft() {
            return ackedSeq + credits - sentSeq();
        }

        Flow transport(boolean nowSending, boolean nowWritable) {
            return new Flow(sent, ackedSeq, credits, inFlight, nowSending, nowWritable, ackProgressMillis);
        }

        /** {@code nowInFlight}: what was sent is added already. */
        Flow sent(Head last, PSortedMap<Long, Hash> nowInFlight, long nowMillis) {
            return new Flow(
                    last,
                    ackedSeq,
                    credits,
                    nowInFlight,
                    true,
                    writable,
                    inFlight.isEmpty() ? nowMillis : ackProgressMillis);
        }

        /** The replica holds {@code head} without having been sent it. */
        Flow claimed(Head head, int nowCredits, long nowMillis) {
            PSortedMap<Long, Hash> rest = inFlight;
            while (!rest.isEmpty() && rest.firstKey() <= head.position().seq()) {
                rest = rest.minus(rest.firstKey());
            }
            return new Flow(
                    head.position().seq() > sentSeq() ? head : sent,
                    head.position().seq(),
                    nowCredits,
                    rest,
                    sending,
                    writable,
                    nowMillis);
        }

        Flow acked(long seq, int nowCredits, PSortedMap<Long, Hash> nowInFlight, long nowMillis) {
            return new Flow(sent, seq, nowCredits, nowInFlight, sending, writable, nowMillis);
        }
    }

    static SenderState opened(Opened opened, int credits, long nowMillis) {
        long seq = opened.head().position().seq();
        return new SenderState(
                new Phase.Checking(),
                opened,
                null,
                new Flow(opened.head(), seq, credits, TreePMap.empty(), false, true, nowMillis),
                false,
                nowMillis,
                Claims.NONE);
    }

    SenderState in(Phase next) {
        return new SenderState(next, opened, logHead, flow, reading, spokeAtMillis, claims);
    }

    SenderState withLogHead(Head head) {
        return new SenderState(phase, opened, head, flow, reading, spokeAtMillis, claims);
    }

    SenderState withReading(boolean now) {
        return new SenderState(phase, opened, logHead, flow, now, spokeAtMillis, claims);
    }

    SenderState with(Flow now) {
        return new SenderState(phase, opened, logHead, now, reading, spokeAtMillis, claims);
    }

    SenderState spoke(long nowMillis) {
        return new SenderState(phase, opened, logHead, flow, reading, nowMillis, claims);
    }

    SenderState with(Claims now) {
        return new SenderState(phase, opened, logHead, flow, reading, spokeAtMillis, now);
    }
}
