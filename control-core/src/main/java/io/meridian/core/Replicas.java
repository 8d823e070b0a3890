package io.meridian.core;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Appends what other regions wrote to this region's own journal, byte for byte, by the rule of {@link Acceptance}. Thread-safe. */
public interface Replicas {
    /**
     * Appends consecutive events.
     *
     * @return after the durable commit: the head, and the first judgement that was neither Append nor Duplicate if there was one (what
     *     precedes it is stored)
     */
    CompletionStage<Appended> append(MeshId mesh, List<EventEnvelope> envelopes, Duration timeout);

    /** {@code stopped} is null if everything was taken. */
    record Appended(
            Head head, @org.jspecify.annotations.Nullable Acceptance stopped) {}

    /** A region told which head it holds durably; synchronous meshes wait for this. Called at the home. */
    void acknowledged(MeshId mesh, String region, Head head);
}
