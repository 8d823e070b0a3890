package io.meridian.persistence;

import io.meridian.model.log.Head;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which segments the current branch of a mesh's log has, what it left behind when it went over to another branch, and the highest epoch that this
 * region promised to. Immutable.
 *
 * @param promised {@link Epoch#NONE} if nothing was promised
 * @param listed every segment that was listed and not dropped, in that order, on the current branch or not
 * @param left those of them that were left although nothing was listed in their place
 * @param segments those of the current branch, oldest first
 * @param tails what is stored and not on the current branch, in the order in which it was left
 * @param noted who the mesh's members are; empty if they are the configured regions as far as this region knows
 */
public record Manifest(
        MeshId mesh,
        Epoch promised,
        List<Segment> listed,
        Set<Epoch> left,
        List<Segment> segments,
        List<Tail> tails,
        Optional<MembersNote> noted) {

    /** All events of one epoch; they have the seqs from {@code baseSeq + 1} to the next segment's base. */
    public record Segment(Epoch epoch, long baseSeq) {}

    /**
     * Events that are not on the current branch any more.
     *
     * @param by the epoch that the branch went on in without them; the last of their own if it went on in one that it had already
     * @param fork the last event before them, which is on both branches
     */
    public record Tail(Epoch by, Head fork, Position first, Head last) {
        /** EPOCH-SEQ of its first event: the name of the branch. */
        public String branch() {
            return first.epoch() + "-" + first.seq();
        }
    }

    public Manifest {
        listed = List.copyOf(listed);
        left = Set.copyOf(left);
        segments = List.copyOf(segments);
        tails = List.copyOf(tails);
    }

    public static Manifest empty(MeshId mesh) {
        return new Manifest(mesh, Epoch.NONE, List.of(), Set.of(), List.of(), List.of(), Optional.empty());
    }

    public Manifest next(ManifestEvent event) {
        return switch (event) {
            case ManifestEvent.SegmentListed(var epoch, var baseSeq) -> {
                List<Segment> next = without(epoch);
                next.add(new Segment(epoch, baseSeq));
                yield new Manifest(mesh, promised, next, left, branch(next, left), tails, noted);
            }
            case ManifestEvent.SegmentDropped(var epoch) -> {
                List<Segment> next = without(epoch);
                List<Tail> others =
                        tails.stream().filter(tail -> !tail.by().equals(epoch)).toList();
                yield new Manifest(mesh, promised, next, left, branch(next, left), others, noted);
            }
            case ManifestEvent.Promised(var epoch) ->
                new Manifest(
                        mesh, epoch.compareTo(promised) > 0 ? epoch : promised, listed, left, segments, tails, noted);
            case ManifestEvent.MembersNoted(var note) ->
                new Manifest(mesh, promised, listed, left, segments, tails, Optional.of(note));
            case ManifestEvent.TailLeft(var tail) ->
                new Manifest(mesh, promised, listed, left, segments, plus(tail), noted);
            case ManifestEvent.SegmentsLeft(var tail) -> {
                Set<Epoch> leaving = new HashSet<>(left);
                segments.stream()
                        .filter(segment ->
                                segment.baseSeq() >= tail.fork().position().seq())
                        .forEach(segment -> leaving.add(segment.epoch()));
                yield new Manifest(mesh, promised, listed, leaving, branch(listed, leaving), plus(tail), noted);
            }
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

    /** The manifest as it was before the branch went on without {@code tail}, one of {@link #tails}: by it the tail can be read. */
    public Manifest before(Tail tail) {
        List<Segment> earlier = new ArrayList<>();
        for (Segment segment : listed) {
            if (segment.epoch().equals(tail.by()) && !left.contains(tail.by())) {
                break;
            }
            earlier.add(segment);
            if (segment.epoch().equals(tail.by())) {
                break;
            }
        }
        Set<Epoch> leftBefore = new HashSet<>(left);
        leftBefore.removeIf(epoch -> epoch.compareTo(tail.first().epoch()) >= 0);
        return new Manifest(mesh, promised, earlier, leftBefore, branch(earlier, leftBefore), List.of(), noted);
    }

    private List<Tail> plus(Tail tail) {
        List<Tail> more = new ArrayList<>(tails);
        more.add(tail);
        return more;
    }

    private List<Segment> without(Epoch epoch) {
        List<Segment> others = new ArrayList<>(listed);
        others.removeIf(segment -> segment.epoch().equals(epoch));
        return others;
    }

    /** A segment that is listed behind an earlier base takes the place of everything from there on. */
    private static List<Segment> branch(List<Segment> listed, Set<Epoch> left) {
        List<Segment> branch = new ArrayList<>();
        for (Segment segment : listed) {
            if (left.contains(segment.epoch())) {
                continue;
            }
            branch.removeIf(earlier -> earlier.baseSeq() >= segment.baseSeq());
            branch.add(segment);
        }
        return branch;
    }
}
