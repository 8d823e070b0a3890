package io.meridian.replicator.core;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import java.util.List;

/** What a {@link Sender} hears. */
public sealed interface SenderInput {
    /** The durable head of the own log, at the start and at each change. */
    record LogHead(Head head) implements SenderInput {}

    /** Answers {@link SenderOutput.ReadLog}; ascending and without gaps. */
    record Read(List<EventEnvelope> envelopes) implements SenderInput {}

    record ReadFailed(String reason) implements SenderInput {}

    /** Answers {@link SenderOutput.ReadBranch}: the own durable head and the segments of the branch that ends with it. */
    record Branch(Head head, Lineage lineage) implements SenderInput {}

    record BranchFailed(String reason) implements SenderInput {}

    /** The replica holds {@code head} durably. */
    record Acknowledged(Head head, int credits) implements SenderInput {}

    /** The events of the last step are given to the transport; {@code writable}: it would take more without buffering. */
    record Sent(boolean writable) implements SenderInput {}

    /** The transport takes more. */
    record TransportReady() implements SenderInput {}

    /** Time went on. Several times a second. */
    record Tick() implements SenderInput {}
}
