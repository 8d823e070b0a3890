package io.meridian.persistence;

import io.meridian.model.log.EventEnvelope;
import org.jspecify.annotations.Nullable;

/**
 * An event on its way into the journal or out of it. Only the envelope is stored, in the bytes in which it was first written.
 *
 * @param after what the writer knows already, so that nothing is decoded and folded twice: the state after a batch, on its last event; null on
 *     the others
 * @param recovered whether it comes from the journal and has to be verified and folded
 */
public record LogEvent(EventEnvelope envelope, @Nullable LogState after, boolean recovered) {

    public static LogEvent recovered(EventEnvelope envelope) {
        return new LogEvent(envelope, null, true);
    }

    public static LogEvent written(EventEnvelope envelope, @Nullable LogState after) {
        return new LogEvent(envelope, after, false);
    }

    /** The state after this event; within a batch that is being written, the one before the batch until its last event. */
    public LogState applyTo(LogState before) {
        if (recovered) {
            return before.next(envelope);
        }
        return after == null ? before : after;
    }
}
