package io.meridian.persistence;

import io.meridian.model.position.Epoch;

/** What the manifest of a mesh records. */
public sealed interface ManifestEvent {
    Epoch epoch();

    /** The current branch goes on in a segment of this epoch behind {@code baseSeq}. Recorded before the segment's first event. */
    record SegmentListed(Epoch epoch, long baseSeq) implements ManifestEvent {}

    /** A listed segment never got its first event: the process died between the two. */
    record SegmentDropped(Epoch epoch) implements ManifestEvent {}

    /** This region accepts nothing of lower epochs any more. Recorded before the promise is given. */
    record Promised(Epoch epoch) implements ManifestEvent {}
}
