package io.meridian.replicator.core;

import java.time.Duration;

/**
 * The limits of one follower.
 *
 * @param windowEvents how many events the sender may be ahead of the last acknowledgement
 * @param maxAppendBytes batches that wait are appended together up to this size; a larger one goes alone
 * @param silence without verified progress for so long, the stream is opened anew
 * @param backoff between attempts that fail
 * @param patience so long the topic may owe an event that the source is known to have; then it comes by the stream. What was offered before it
 *     could be taken is kept as long
 */
public record FollowerSettings(
        int windowEvents, int maxAppendBytes, Duration silence, Backoff backoff, Duration patience) {
    public FollowerSettings {
        if (windowEvents < 1 || maxAppendBytes < 1 || silence.toMillis() < 1 || patience.toMillis() < 1) {
            throw new IllegalArgumentException("a follower's limits must be positive");
        }
    }

    /** For where there are no topics. */
    public FollowerSettings(int windowEvents, int maxAppendBytes, Duration silence, Backoff backoff) {
        this(windowEvents, maxAppendBytes, silence, backoff, silence);
    }
}
