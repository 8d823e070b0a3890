package io.meridian.kafka;

import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;

/**
 * How far one mesh's events are in the own topic. Pure and immutable: what happened goes in, and {@link #wants} says what is to be done next.
 * Only events of this region's own turns are published, in order, each at least once; the journal is what they are read from, whatever happened
 * to the ones before.
 *
 * @param selfIndex this region's
 * @param head durable, of the own log
 * @param turn the epoch that is being published; {@link Epoch#NONE} if its start is not known yet
 * @param delivered the last seq that the brokers took
 * @param sent the last seq that was given to the producer
 * @param sentBytes of the events between the two
 * @param busy whether an answer from the journal is awaited
 * @param attempt grows when something failed: what is told of earlier attempts is ignored
 * @param pausedUntilMillis after a failure
 */
record Publication(
        int selfIndex,
        Head head,
        Epoch turn,
        long delivered,
        long sent,
        long sentBytes,
        boolean busy,
        int attempt,
        long pausedUntilMillis) {
    /** No more than this is on its way to the brokers of one mesh, and one read of the journal. */
    static final long MOST_SENT_BYTES = 2L * 1024 * 1024;

    static final int READ_EVENTS = 512;
    /** Of a turn of which the topic's tail shows nothing, so many of the last events are published again when a process starts. */
    static final int AGAIN_EVENTS = 64;

    static final long PAUSE_MILLIS = 1000;

    /** What is to be done. */
    sealed interface Want {
        record Nothing() implements Want {}

        /** Find where the turn of the head began: {@link Publication#begins}. */
        record Start() implements Want {}

        /** Read what follows: {@link Publication#sent(long, long)}. */
        record Read(long afterSeq) implements Want {}
    }

    static Publication of(int selfIndex, Head head) {
        return new Publication(selfIndex, head, Epoch.NONE, 0, 0, 0, false, 0, 0);
    }

    boolean isHome() {
        Epoch epoch = head.position().epoch();
        return !epoch.isNone() && epoch.regionIndex() == selfIndex;
    }

    /** Events that the topic lacks, as far as that is known. */
    long backlog() {
        return isHome() && turn.equals(head.position().epoch())
                ? head.position().seq() - delivered
                : 0;
    }

    Want wants(long nowMillis) {
        if (!isHome() || busy || nowMillis < pausedUntilMillis) {
            return new Want.Nothing();
        }
        if (!turn.equals(head.position().epoch())) {
            return new Want.Start();
        }
        return sent < head.position().seq() && sentBytes < MOST_SENT_BYTES ? new Want.Read(sent) : new Want.Nothing();
    }

    Publication headIs(Head now) {
        return new Publication(selfIndex, now, turn, delivered, sent, sentBytes, busy, attempt, pausedUntilMillis);
    }

    Publication asked() {
        return new Publication(selfIndex, head, turn, delivered, sent, sentBytes, true, attempt, pausedUntilMillis);
    }

    /**
     * The start is known.
     *
     * @param epoch of the log when it was looked up
     * @param baseSeq the last seq before that epoch
     * @param inTopic the last seq of that epoch that the topic's tail shows; 0 if it shows none
     */
    Publication begins(Epoch epoch, long baseSeq, long inTopic) {
        long headSeq = head.position().seq();
        long from;
        if (inTopic > 0) {
            from = Math.clamp(inTopic, baseSeq, Math.max(baseSeq, headSeq));
        } else if (turn.isNone()) {
            from = Math.max(baseSeq, headSeq - AGAIN_EVENTS);
        } else {
            from = baseSeq;
        }
        return new Publication(selfIndex, head, epoch, from, from, 0, false, attempt + 1, pausedUntilMillis);
    }

    /** Events were read and given to the producer, up to {@code lastSeq}; none if that is not beyond {@link #sent}. */
    Publication sent(long lastSeq, long bytes) {
        return new Publication(
                selfIndex,
                head,
                turn,
                delivered,
                Math.max(sent, lastSeq),
                sentBytes + bytes,
                false,
                attempt,
                pausedUntilMillis);
    }

    /** The brokers took {@code seq}. */
    Publication delivered(int ofAttempt, long seq, long bytes) {
        return ofAttempt == attempt
                ? new Publication(
                        selfIndex,
                        head,
                        turn,
                        Math.max(delivered, seq),
                        sent,
                        sentBytes - bytes,
                        busy,
                        attempt,
                        pausedUntilMillis)
                : this;
    }

    /** Something of {@code ofAttempt} failed: after a pause everything behind {@link #delivered} is published again. */
    Publication failed(int ofAttempt, long nowMillis) {
        return ofAttempt == attempt
                ? new Publication(
                        selfIndex, head, turn, delivered, delivered, 0, false, attempt + 1, nowMillis + PAUSE_MILLIS)
                : this;
    }
}
