package io.meridian.model.mesh;

import io.meridian.model.log.Head;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Events of an earlier home that are not on the current branch, as far as they are recorded in it. Immutable. What two branches have in common is
 * recorded in the first of them only.
 *
 * @param name "EPOCH-SEQ" of its first event
 * @param originRegion the region that still had it
 * @param fork the last event that it has in common with the current branch
 * @param head its last recorded event
 * @param recordedAt seqs of the DivergentBranchDetected events that hold it, ascending
 * @param entries one for each of its commands, in its order
 */
public record DivergentBranch(
        String name, String originRegion, Head fork, Head head, List<Long> recordedAt, List<BranchEntry> entries) {

    public DivergentBranch {
        recordedAt = List.copyOf(recordedAt);
        entries = List.copyOf(entries);
    }

    /** What a branch is called whose first event stands at {@code first}. */
    public static String nameOf(Position first) {
        return first.epoch() + "-" + first.seq();
    }

    /** The entry whose last event stands at {@code last}. */
    public Optional<BranchEntry> entry(Position last) {
        return entries.stream().filter(entry -> entry.last().equals(last)).findFirst();
    }

    /** Whether the event at {@code position} is recorded here. */
    public boolean holds(Position position) {
        return entries.stream()
                .anyMatch(entry -> entry.last().epoch().equals(position.epoch())
                        && entry.first().seq() <= position.seq()
                        && position.seq() <= entry.last().seq());
    }

    public List<BranchEntry> openEntries() {
        return entries.stream().filter(BranchEntry::isOpen).toList();
    }

    /** With what {@code part}, recorded at {@code seq}, has beyond {@link #head}. */
    DivergentBranch plus(MeshEvent.DivergentBranchDetected part, long seq) {
        List<BranchEntry> more = new ArrayList<>(entries);
        part.entries().stream()
                .filter(entry -> entry.first().seq() > head.position().seq())
                .forEach(more::add);
        Head last =
                part.envelopes().isEmpty() ? head : part.envelopes().getLast().head();
        List<Long> seqs = new ArrayList<>(recordedAt);
        seqs.add(seq);
        return new DivergentBranch(
                name,
                originRegion,
                fork,
                last.position().seq() > head.position().seq() ? last : head,
                seqs,
                more);
    }

    DivergentBranch mapEntries(UnaryOperator<BranchEntry> change) {
        return new DivergentBranch(
                name,
                originRegion,
                fork,
                head,
                recordedAt,
                entries.stream().map(change).toList());
    }
}
