package io.meridian.persistence;

import io.meridian.model.mesh.MembersNote;
import io.meridian.model.position.Epoch;

/** What the manifest of a mesh records. */
public sealed interface ManifestEvent {
    /**
     * The current branch goes on in a segment of this epoch behind {@code baseSeq}, without what it had there. Recorded before the segment's first
     * event.
     */
    record SegmentListed(Epoch epoch, long baseSeq) implements ManifestEvent {}

    /** A listed segment never got its first event: the process died between the two. What it would have left behind is in force again. */
    record SegmentDropped(Epoch epoch) implements ManifestEvent {}

    /** This region accepts nothing from writers of lower epochs any more. Recorded before the promise is given. */
    record Promised(Epoch epoch) implements ManifestEvent {}

    /** Who the mesh's members are: as the home told a region that keeps no events or has yet to follow, or as the own log says by now. */
    record MembersNoted(MembersNote note) implements ManifestEvent {}

    /** The branch goes over to another; recorded together with the SegmentListed of {@code tail.by()}. */
    record TailLeft(Manifest.Tail tail) implements ManifestEvent {}

    /**
     * The branch goes over to another that goes on in a segment which is there already: those from {@code tail.first()} on are left. {@code tail.by()} is
     * the last of them.
     */
    record SegmentsLeft(Manifest.Tail tail) implements ManifestEvent {}
}
