package io.meridian.replicator.core;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import java.util.List;

/** What a {@link Follower} wants done. */
public sealed interface FollowerOutput {
    /** Ask the own log for its durable head and its lineage; answered by exactly one OwnHead or OwnHeadFailed. */
    record ReadOwnHead() implements FollowerOutput {}

    /** Ask the own log for the hash of its event at {@code seq}, at least 1; answered by exactly one OwnHashAt or OwnHashFailed. */
    record ReadOwnHashAt(long stream, long seq) implements FollowerOutput {}

    /** Open a stream to {@code region}. At most one is open. {@code lineage}: of the own branch, which {@code head} lies on. */
    record Open(long stream, RegionId region, Head head, Lineage lineage, int credits) implements FollowerOutput {}

    record Close(long stream) implements FollowerOutput {}

    /**
     * Append to the own log; answered by exactly one Appended or AppendFailed. At most one is in flight.
     *
     * @param sourceEpoch of the source's head when it sent them
     */
    record Append(long stream, Epoch sourceEpoch, List<EventEnvelope> envelopes) implements FollowerOutput {}

    /** Tell the sender what is durable here; so many received messages are done with and as many more may come. */
    record Acknowledge(long stream, Head head, int credits, int messagesDone) implements FollowerOutput {}

    /** Replication of this mesh ends here until somebody looks at it, or its home moves on to a later epoch. To be said loudly. */
    record Stopped(String reason) implements FollowerOutput {}
}
