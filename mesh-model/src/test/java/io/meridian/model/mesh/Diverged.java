package io.meridian.model.mesh;

import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.util.List;
import java.util.Objects;

/** A mesh whose home was taken over by force while the old home went on: both go on from the same fork. Mutable; one per test. */
final class Diverged {
    static final RegionId US = new RegionId("us-1", 2);

    final MeshFixture old;
    final MeshFixture now;
    final Head fork;

    /** Everything that {@code old} has is common so far. */
    Diverged(MeshFixture old) {
        this(old, old.state().head().position().seq());
    }

    Diverged(MeshFixture old, long forkSeq) {
        this.old = old;
        fork = old.log().get((int) forkSeq - 1).head();
        now = old.takenOver(US, forkSeq);
    }

    List<EventEnvelope> tail() {
        return old.logAfter(fork.position().seq());
    }

    List<BranchEntry> assess() {
        return new BranchAssessor(now.decider()).assess(now.state(), fork, tail());
    }

    String branchName() {
        return DivergentBranch.nameOf(tail().getFirst().position());
    }

    DivergentBranch branch() {
        return Objects.requireNonNull(now.state().branches().get(branchName()), "recorded");
    }

    /** The old home is back, and its tail stands in the new home's log. */
    Diverged recorded() {
        now.record(
                new MeshEvent.DivergentBranchDetected(branchName(), MeshFixture.HOME.name(), fork, tail(), assess()));
        return this;
    }

    BranchEntry entry(int index) {
        return branch().entries().get(index);
    }

    MeshCommand.ReapplyBranch reapply(BranchEntry entry, boolean force) {
        return new MeshCommand.ReapplyBranch(branchName(), entry.last(), events(entry), force);
    }

    /** As recorded. */
    List<EventEnvelope> events(BranchEntry entry) {
        return tail().stream()
                .filter(event -> event.seq() >= entry.first().seq()
                        && event.seq() <= entry.last().seq())
                .toList();
    }

    /** Where the new home's log is. */
    Position head() {
        return now.state().head().position();
    }
}
