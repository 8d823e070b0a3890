package io.meridian.replicator.core;

import java.time.Duration;

/**
 * The limits of one sender.
 *
 * @param maxReadEvents of one read
 * @param maxBatchBytes of one message; a larger event goes alone
 * @param maxCredits whatever a replica asks for, it gets no larger window
 * @param progressEvery while nothing else is sent
 * @param aheadGrace a replica that is ahead of the log loses its stream only after so long: a home that just started may not know its
 *     whole log yet, or is about to pull back what it lost. Shorter than a follower's silence
 * @param ackTimeout a replica that owes an acknowledgement for so long loses its stream
 */
public record SenderSettings(
        int maxReadEvents,
        int maxBatchBytes,
        int maxCredits,
        Duration progressEvery,
        Duration aheadGrace,
        Duration ackTimeout) {
    public SenderSettings {
        if (maxReadEvents < 1 || maxBatchBytes < 1 || maxCredits < 1) {
            throw new IllegalArgumentException("a sender's limits must be positive");
        }
    }
}
