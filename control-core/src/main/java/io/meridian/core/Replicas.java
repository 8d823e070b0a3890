package io.meridian.core;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Appends what other regions wrote to this region's own journal, byte for byte, by the rule of {@link Acceptance}. Thread-safe. */
public interface Replicas {
    /**
     * Appends consecutive events.
     *
     * @param sourceEpoch of the head of the region that they come from: it must not be below what this region promised to
     * @return after the durable commit: the head, and the first judgement that was neither Append nor Duplicate nor Fork if there was one
     *     (what precedes it is stored)
     */
    CompletionStage<Appended> append(MeshId mesh, Epoch sourceEpoch, List<EventEnvelope> envelopes, Duration timeout);

    /** {@code stopped} is null if everything was taken. */
    record Appended(Head head, @Nullable Acceptance stopped) {}

    /** A region told which head it holds durably; synchronous meshes wait for this. Called at the home. */
    void acknowledged(MeshId mesh, String region, Head head);

    /** A region told of another epoch of the mesh, or of another promise: what waits for that need not wait for its next look. Never blocks. */
    void heard(MeshId mesh);
}
