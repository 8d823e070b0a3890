package io.meridian.replicator.core;

import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * One stream from this region's log of a mesh to one replica. Immutable.
 *
 * @param opened the head that the replica opened with
 * @param logHead the own durable head; null until it is known
 * @param sentSeq the last seq given to the transport
 * @param ackedSeq the last seq that the replica holds durably
 * @param credits how far {@code sentSeq} may be ahead of {@code ackedSeq}
 * @param inFlight the hashes of what is sent and not acknowledged, by seq
 * @param reading whether a read is not answered yet
 * @param sending whether a send is not answered yet
 * @param writable whether the transport takes more without buffering
 * @param spokeAtMillis when something was last sent
 * @param ackProgressMillis when the replica last owed nothing or acknowledged something
 */
public record SenderState(
        Phase phase,
        Head opened,
        @Nullable Head logHead,
        long sentSeq,
        long ackedSeq,
        int credits,
        PSortedMap<Long, Hash> inFlight,
        boolean reading,
        boolean sending,
        boolean writable,
        long spokeAtMillis,
        long ackProgressMillis) {

    public enum Phase {
        /** Whether the opened head is on the own branch is not known yet. */
        CHECKING,
        STREAMING,
        /** Ended; everything is ignored. */
        CLOSED
    }

    static SenderState opened(Head head, int credits, long nowMillis) {
        long seq = head.position().seq();
        return new SenderState(
                Phase.CHECKING,
                head,
                null,
                seq,
                seq,
                credits,
                TreePMap.empty(),
                false,
                false,
                true,
                nowMillis,
                nowMillis);
    }

    long windowLeft() {
        return ackedSeq + credits - sentSeq;
    }

    SenderState in(Phase next) {
        return new SenderState(
                next,
                opened,
                logHead,
                sentSeq,
                ackedSeq,
                credits,
                inFlight,
                reading,
                sending,
                writable,
                spokeAtMillis,
                ackProgressMillis);
    }

    SenderState withLogHead(Head head) {
        return new SenderState(
                phase,
                opened,
                head,
                sentSeq,
                ackedSeq,
                credits,
                inFlight,
                reading,
                sending,
                writable,
                spokeAtMillis,
                ackProgressMillis);
    }

    SenderState withReading(boolean now) {
        return new SenderState(
                phase,
                opened,
                logHead,
                sentSeq,
                ackedSeq,
                credits,
                inFlight,
                now,
                sending,
                writable,
                spokeAtMillis,
                ackProgressMillis);
    }

    SenderState withTransport(boolean nowSending, boolean nowWritable) {
        return new SenderState(
                phase,
                opened,
                logHead,
                sentSeq,
                ackedSeq,
                credits,
                inFlight,
                reading,
                nowSending,
                nowWritable,
                spokeAtMillis,
                ackProgressMillis);
    }

    SenderState spoke(long nowMillis) {
        return new SenderState(
                phase,
                opened,
                logHead,
                sentSeq,
                ackedSeq,
                credits,
                inFlight,
                reading,
                sending,
                writable,
                nowMillis,
                ackProgressMillis);
    }

    /** {@code nowInFlight}: what was sent is added already. */
    SenderState sent(long lastSeq, PSortedMap<Long, Hash> nowInFlight, long nowMillis) {
        return new SenderState(
                phase,
                opened,
                logHead,
                lastSeq,
                ackedSeq,
                credits,
                nowInFlight,
                reading,
                true,
                writable,
                nowMillis,
                inFlight.isEmpty() ? nowMillis : ackProgressMillis);
    }

    SenderState acked(long seq, int nowCredits, PSortedMap<Long, Hash> nowInFlight, long nowMillis) {
        return new SenderState(
                phase,
                opened,
                logHead,
                sentSeq,
                seq,
                nowCredits,
                nowInFlight,
                reading,
                sending,
                writable,
                spokeAtMillis,
                nowMillis);
    }
}
