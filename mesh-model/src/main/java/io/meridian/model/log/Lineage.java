package io.meridian.model.log;

import io.meridian.api.events.v1.MeshSnapshot;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.List;

/**
 * Which epoch wrote which seqs of one branch of a log. Immutable. An epoch has one writer and one segment, so two branches that both hold
 * {@code (epoch, seq)} hold the same event there and the same events before it: lineages alone tell where two branches part, without
 * comparing a hash (the rule of Kafka's leader epochs, KIP-101).
 *
 * @param segments oldest first; epochs and base seqs both grow
 */
public record Lineage(List<Segment> segments) {
    public static final Lineage EMPTY = new Lineage(List.of());

    /** The events of one epoch: seqs from {@code baseSeq + 1}, which is its SegmentOpened, to the next segment's {@code baseSeq}. */
    public record Segment(Epoch epoch, long baseSeq) {}

    /** Throws IllegalArgumentException unless epochs and base seqs both grow from 0 on. */
    public Lineage {
        segments = List.copyOf(segments);
        Epoch epoch = Epoch.NONE;
        long baseSeq = -1;
        for (Segment segment : segments) {
            if (segment.epoch().compareTo(epoch) <= 0 || segment.baseSeq() <= baseSeq) {
                throw new IllegalArgumentException("epochs and base seqs of a lineage must grow: " + segments);
            }
            epoch = segment.epoch();
            baseSeq = segment.baseSeq();
        }
    }

    public static Lineage of(List<MeshSnapshot.Segment> segments) {
        return new Lineage(segments.stream()
                .map(segment -> new Segment(new Epoch(segment.getEpoch()), segment.getBaseSeq()))
                .toList());
    }

    public List<MeshSnapshot.Segment> toProto() {
        return segments.stream()
                .map(segment -> MeshSnapshot.Segment.newBuilder()
                        .setEpoch(segment.epoch().value())
                        .setBaseSeq(segment.baseSeq())
                        .build())
                .toList();
    }

    /**
     * The branch that {@code epoch} opened after {@code baseSeq}: what this one has behind that is no part of it.
     *
     * @throws IllegalArgumentException if {@code epoch} is not above those that stay
     */
    public Lineage plus(Epoch epoch, long baseSeq) {
        List<Segment> kept = new ArrayList<>(
                segments.stream().filter(segment -> segment.baseSeq() < baseSeq).toList());
        kept.add(new Segment(epoch, baseSeq));
        return new Lineage(kept);
    }

    /** The last seq that {@code epoch} wrote on this branch, of those up to {@code headSeq}; 0 if it wrote none of them. */
    public long lastSeqOf(Epoch epoch, long headSeq) {
        for (int i = 0; i < segments.size(); i++) {
            if (segments.get(i).epoch().equals(epoch)) {
                long end = i + 1 < segments.size() ? segments.get(i + 1).baseSeq() : Long.MAX_VALUE;
                long last = Math.min(end, headSeq);
                return last > segments.get(i).baseSeq() ? last : 0;
            }
        }
        return 0;
    }

    /** Whether {@code position} lies on this branch, up to {@code head}. The place before the first event lies on every branch. */
    public boolean holds(Position position, Position head) {
        return position.mesh().equals(head.mesh())
                && position.seq() <= head.seq()
                && epochAt(position.seq()).equals(position.epoch());
    }

    /** The epoch that writes {@code seq} on this branch; {@link Epoch#NONE} before the first known segment. */
    public Epoch epochAt(long seq) {
        for (int i = segments.size() - 1; i >= 0; i--) {
            if (segments.get(i).baseSeq() < seq) {
                return segments.get(i).epoch();
            }
        }
        return Epoch.NONE;
    }

    /** The last seq that both branches have, event for event; 0 if there is none. Symmetric. */
    public static long fork(Lineage a, long aHeadSeq, Lineage b, long bHeadSeq) {
        long fork = 0;
        for (Segment segment : a.segments) {
            if (b.segments.contains(segment)) {
                long shared = Math.min(a.lastSeqOf(segment.epoch(), aHeadSeq), b.lastSeqOf(segment.epoch(), bHeadSeq));
                fork = Math.max(fork, shared);
            }
        }
        return fork;
    }
}
