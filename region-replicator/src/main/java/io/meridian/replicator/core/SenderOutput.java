package io.meridian.replicator.core;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import java.util.List;

/** What a {@link Sender} wants done. */
public sealed interface SenderOutput {
    /** Read the own log; answered by exactly one Read or ReadFailed. At most one is in flight. */
    record ReadLog(long afterSeq, int max) implements SenderOutput {}

    /** Read the own log's head and lineage; answered by exactly one Branch or BranchFailed. */
    record ReadBranch() implements SenderOutput {}

    /** Send these; the last SendEvents of a step is answered by one Sent. */
    record SendEvents(List<EventEnvelope> envelopes, Head homeHead) implements SenderOutput {}

    record SendProgress(Head homeHead) implements SenderOutput {}

    /** Send this, the last event that both logs have, and end the stream. */
    record SendForked(Head fork) implements SenderOutput {}

    /** Send this and end the stream. */
    record SendDiverged(Head homeAtSeq, String message) implements SenderOutput {}

    /** The replica holds {@code head}, which is of the own log, durably. Only at the home. */
    record Acknowledged(Head head) implements SenderOutput {}

    /** End the stream; the replica may come again. */
    record Fail(String reason) implements SenderOutput {}
}
