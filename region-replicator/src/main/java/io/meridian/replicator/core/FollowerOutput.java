package io.meridian.replicator.core;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.RegionId;
import java.util.List;

/** What a {@link Follower} wants done. */
public sealed interface FollowerOutput {
    /** Ask the own log for its durable head; answered by exactly one OwnHead or OwnHeadFailed. */
    record ReadOwnHead() implements FollowerOutput {}

    /** Open a stream to {@code region}. At most one is open. */
    record Open(long stream, RegionId region, Head head, int credits) implements FollowerOutput {}

    record Close(long stream) implements FollowerOutput {}

    /** Append to the own log; answered by exactly one Appended or AppendFailed. At most one is in flight. */
    record Append(long stream, List<EventEnvelope> envelopes) implements FollowerOutput {}

    /** Tell the sender what is durable here; so many received messages are done with and as many more may come. */
    record Acknowledge(long stream, Head head, int credits, int messagesDone) implements FollowerOutput {}

    /** Replication of this mesh ends here until somebody looks at it. To be said loudly. */
    record Stopped(String reason) implements FollowerOutput {}
}
