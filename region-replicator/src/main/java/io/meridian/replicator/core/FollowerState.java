package io.meridian.replicator.core;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.RegionId;
import java.util.List;
import java.util.Optional;
import org.pcollections.PVector;

/**
 * One mesh's follower. Immutable. It holds no cursor that would outlive it: each stream opens with the head of the replica's own log.
 *
 * @param source whom to follow
 * @param lastStream the number of the last stream that was opened; 0 if none
 * @param failures in a row, since the last verified progress
 * @param appendInFlight whether an append is not answered yet, of whatever stream
 * @param homeHead what the source last said of its own head
 */
public record FollowerState(
        Optional<RegionId> source,
        Phase phase,
        long lastStream,
        int failures,
        boolean appendInFlight,
        Optional<Head> homeHead) {

    public sealed interface Phase {
        /** Nobody to follow. */
        record Idle() implements Phase {}

        /** Until the next attempt. */
        record Waiting(long untilMillis, String why) implements Phase {}

        /** The own head is being read, to open with it. */
        record ReadingHead() implements Phase {}

        /**
         * @param durable the own head as far as this stream knows
         * @param verifiedAtMillis when events were last committed, or the home's head was last seen to be ours
         * @param queue received, not yet given to an append
         * @param appending of this stream, given to an append
         */
        record Following(long stream, Head durable, long verifiedAtMillis, PVector<Batch> queue, List<Batch> appending)
                implements Phase {
            int unacknowledgedEvents() {
                return events(queue) + events(appending);
            }

            private static int events(List<Batch> batches) {
                return batches.stream()
                        .mapToInt(batch -> batch.envelopes().size())
                        .sum();
            }
        }

        /** For good, see {@link FollowerOutput.Stopped}. */
        record Stopped(String reason) implements Phase {}
    }

    /** What came in one message. */
    public record Batch(List<EventEnvelope> envelopes) {
        public Batch {
            envelopes = List.copyOf(envelopes);
        }

        int bytes() {
            return envelopes.stream()
                    .mapToInt(envelope ->
                            envelope.headerBytes().size() + envelope.payload().size())
                    .sum();
        }
    }

    public static FollowerState initial() {
        return new FollowerState(Optional.empty(), new Phase.Idle(), 0, 0, false, Optional.empty());
    }

    FollowerState in(Phase next) {
        return new FollowerState(source, next, lastStream, failures, appendInFlight, homeHead);
    }

    FollowerState from(Optional<RegionId> next) {
        return new FollowerState(next, phase, lastStream, 0, appendInFlight, Optional.empty());
    }

    FollowerState opening(long stream, Phase.Following next) {
        return new FollowerState(source, next, stream, failures, appendInFlight, homeHead);
    }

    FollowerState failed(int count) {
        return new FollowerState(source, phase, lastStream, count, appendInFlight, homeHead);
    }

    FollowerState appending(boolean inFlight) {
        return new FollowerState(source, phase, lastStream, failures, inFlight, homeHead);
    }

    FollowerState told(Head head) {
        return new FollowerState(source, phase, lastStream, failures, appendInFlight, Optional.of(head));
    }
}
