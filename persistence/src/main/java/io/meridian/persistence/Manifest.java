package io.meridian.persistence;

import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which segments the current branch of a mesh's log has, oldest first, and the highest epoch that this region promised to. Immutable.
 *
 * @param promised {@link Epoch#NONE} if nothing was promised
 */
public record Manifest(MeshId mesh, Epoch promised, List<Segment> segments) {

    /** All events of one epoch; they have the seqs from {@code baseSeq + 1} to the next segment's base. */
    public record Segment(Epoch epoch, long baseSeq) {}

    public Manifest {
        segments = List.copyOf(segments);
    }

    public static Manifest empty(MeshId mesh) {
        return new Manifest(mesh, Epoch.NONE, List.of());
    }

    public Manifest next(ManifestEvent event) {
        return switch (event) {
            case ManifestEvent.SegmentListed(var epoch, var baseSeq) -> {
                List<Segment> listed = without(epoch);
                listed.add(new Segment(epoch, baseSeq));
                yield new Manifest(mesh, promised, listed);
            }
            case ManifestEvent.SegmentDropped(var epoch) -> new Manifest(mesh, promised, without(epoch));
            case ManifestEvent.Promised(var epoch) ->
                new Manifest(mesh, epoch.compareTo(promised) > 0 ? epoch : promised, segments);
        };
    }

    public Optional<Segment> current() {
        return segments.isEmpty() ? Optional.empty() : Optional.of(segments.getLast());
    }

    /** The segment that holds {@code seq} if the log is that long; empty for an empty log or seq 0. */
    public Optional<Segment> segmentOf(long seq) {
        return segments.reversed().stream()
                .filter(segment -> segment.baseSeq() < seq)
                .findFirst();
    }

    /** The last seq that {@code segment} may have: the base of its successor; {@link Long#MAX_VALUE} for the current one. */
    public long lastSeqOf(Segment segment) {
        int next = segments.indexOf(segment) + 1;
        return next < segments.size() ? segments.get(next).baseSeq() : Long.MAX_VALUE;
    }

    private List<Segment> without(Epoch epoch) {
        List<Segment> others = new ArrayList<>(segments);
        others.removeIf(segment -> segment.epoch().equals(epoch));
        return others;
    }
}
