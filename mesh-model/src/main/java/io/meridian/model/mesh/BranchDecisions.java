package io.meridian.model.mesh;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.BranchEntry.Assessment;
import io.meridian.model.mesh.BranchEntry.Resolution;
import io.meridian.model.position.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What becomes of what a forced failover left behind: brought back entry by entry, or given up. */
final class BranchDecisions {
    private final Decider decider;

    BranchDecisions(Decider decider) {
        this.decider = decider;
    }

    /**
     * Decides the entry's command anew, in today's state. Unless forced, what it touches must still be as it found it: the assessment is
     * as old as the branch's record. Where everything is so already, an empty change set notes that the entry is resolved.
     */
    Decision reapply(MeshState state, MeshCommand.ReapplyBranch reapply, Instant now) {
        DivergentBranch branch = state.branches().get(reapply.branch());
        if (branch == null) {
            return branchNotFound(state, reapply.branch());
        }
        Optional<BranchEntry> found = branch.entry(reapply.entry());
        if (found.isEmpty()) {
            return entryNotFound(branch, reapply.entry());
        }
        BranchEntry entry = found.get();
        Optional<Decision> refusal = refusal(state, branch, entry, reapply);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        BranchedCommand command = new BranchedCommand(reapply.envelopes());
        try {
            List<MeshEvent> events = command.decode();
            if (!reapply.force() && SecurityRelevance.of(state, events)) {
                return forOperator(entry);
            }
            Decision decision = reapply.force()
                    ? BranchAssessor.redecide(decider, state, command, events, now)
                    : BranchAssessor.judge(
                            decider, state, branch.fork().position().seq(), before(branch, entry), command, now);
            return decision instanceof Decision.Accepted(var made, var findings) && made.isEmpty()
                    ? new Decision.Accepted(
                            List.of(new MeshEvent.ResourcesApplied(List.of(), Optional.empty())), findings)
                    : decision;
        } catch (UnreadableEventException e) {
            return refuse(RejectionCode.BRANCH_CONFLICT, entry, "", String.valueOf(e.getMessage()));
        }
    }

    /** What is given up already stays so; an entry that is resolved otherwise refuses the whole. */
    static Decision discard(MeshState state, MeshCommand.DiscardBranch discard) {
        DivergentBranch branch = state.branches().get(discard.branch());
        if (branch == null) {
            return branchNotFound(state, discard.branch());
        }
        for (Position position : discard.entries()) {
            Optional<BranchEntry> entry = branch.entry(position);
            if (entry.isEmpty()) {
                return entryNotFound(branch, position);
            }
            if (!entry.get().isOpen() && entry.get().resolution() != Resolution.DISCARDED) {
                return resolved(entry.get());
            }
        }
        List<Position> given = branch.openEntries().stream()
                .map(BranchEntry::last)
                .filter(last -> discard.entries().isEmpty() || discard.entries().contains(last))
                .toList();
        return new Decision.Accepted(
                given.isEmpty() ? List.of() : List.of(new MeshEvent.BranchDiscarded(branch.name(), given)), List.of());
    }

    private static Optional<Decision> refusal(
            MeshState state, DivergentBranch branch, BranchEntry entry, MeshCommand.ReapplyBranch reapply) {
        if (!entry.isOpen()) {
            return Optional.of(resolved(entry));
        }
        if (state.applied().find(entry.commandId()).isPresent()) {
            return Optional.of(refuse(
                    RejectionCode.BRANCH_CONFLICT,
                    entry,
                    "",
                    "its id was used for another command, applied at position "
                            + state.applied().find(entry.commandId()).get().position()
                            + "; discard the entry, and ask for what it did under another id"));
        }
        if (!reapply.force() && entry.assessment() != Assessment.REAPPLIABLE) {
            return Optional.of(refuse(
                    RejectionCode.BRANCH_CONFLICT,
                    entry,
                    "",
                    entry.why() + "; force it to bring it back nevertheless, or discard it"));
        }
        if (!reapply.force() && entry.operatorOnly()) {
            return Optional.of(forOperator(entry));
        }
        return mismatch(branch, entry, reapply.envelopes())
                .map(why -> refuse(RejectionCode.INVALID_FIELD, entry, "envelopes", why));
    }

    /**
     * The branch's record tells where the entry stands and the hashes at the branch's ends; between, the events must be one unbroken
     * chain under their own hashes. That they are the recorded ones is the sender's word, who could ask for the same change openly.
     */
    private static Optional<String> mismatch(DivergentBranch branch, BranchEntry entry, List<EventEnvelope> envelopes) {
        long seq = entry.first().seq();
        long expected = entry.last().seq() - seq + 1;
        if (envelopes.size() != expected) {
            return Optional.of("has " + envelopes.size() + " events; the entry has " + expected);
        }
        Optional<Hash> before = hashAt(branch, seq - 1);
        for (EventEnvelope envelope : envelopes) {
            if (!envelope.mesh().equals(entry.last().mesh()) || envelope.seq() != seq) {
                return Optional.of("has event " + envelope.position() + " where seq " + seq + " is expected");
            }
            if (!envelope.computeHash().equals(envelope.hash())) {
                return Optional.of("event " + envelope.position() + " does not have the hash that it claims");
            }
            if (before.isPresent() && !envelope.prevHash().equals(before.get())) {
                return Optional.of("event " + envelope.position() + " does not continue the one before it");
            }
            if (!envelope.header().getCommandId().equals(entry.commandId())) {
                return Optional.of("event " + envelope.position() + " is of command "
                        + envelope.header().getCommandId() + ", not of " + entry.commandId());
            }
            before = Optional.of(envelope.hash());
            seq++;
        }
        Position first = envelopes.getFirst().position();
        Position last = envelopes.getLast().position();
        if (!first.equals(entry.first()) || !last.equals(entry.last())) {
            return Optional.of(
                    "has events " + first + " to " + last + "; the entry has " + entry.first() + " to " + entry.last());
        }
        Optional<Hash> recorded = hashAt(branch, last.seq());
        return recorded.isPresent() && !recorded.equals(before)
                ? Optional.of("event " + last + " is not the one that is recorded")
                : Optional.empty();
    }

    private static Optional<Hash> hashAt(DivergentBranch branch, long seq) {
        for (Head known : List.of(branch.fork(), branch.head())) {
            if (known.position().seq() == seq) {
                return Optional.of(known.hash());
            }
        }
        return Optional.empty();
    }

    /** Ids of the commands that precede {@code entry}: if they are in force here, their changes are no conflict. */
    private static List<String> before(DivergentBranch branch, BranchEntry entry) {
        List<String> ids = new ArrayList<>();
        for (BranchEntry other : branch.entries()) {
            if (other.last().equals(entry.last())) {
                break;
            }
            if (!other.commandId().isEmpty()) {
                ids.add(other.commandId());
            }
        }
        return ids;
    }

    private static Decision branchNotFound(MeshState state, String name) {
        String known = state.branches().isEmpty()
                ? "it has none"
                : "it has " + String.join(", ", state.branches().keySet());
        return Violations.rejected(
                RejectionCode.BRANCH_NOT_FOUND,
                "branch " + name,
                "branch",
                "mesh " + state.id() + " has no divergent branch " + name + "; " + known);
    }

    private static Decision entryNotFound(DivergentBranch branch, Position entry) {
        return Violations.rejected(
                RejectionCode.BRANCH_ENTRY_NOT_FOUND,
                "entry " + entry,
                "entry",
                "branch " + branch.name() + " has no entry whose last event is at " + entry);
    }

    private static Decision resolved(BranchEntry entry) {
        return refuse(
                RejectionCode.BRANCH_ENTRY_RESOLVED,
                entry,
                "entry",
                switch (entry.resolution()) {
                    case REAPPLIED ->
                        "was brought back at position "
                                + entry.reappliedAt().map(Position::toString).orElse("");
                    case DISCARDED -> "was discarded; ask for what it did by a new command";
                    case NOT_NEEDED -> "there is nothing to decide: " + entry.why();
                    case OPEN -> throw new IllegalStateException("entry " + entry.last() + " is open");
                });
    }

    private static Decision forOperator(BranchEntry entry) {
        return refuse(
                RejectionCode.BRANCH_ENTRY_FOR_OPERATOR,
                entry,
                "force",
                "it may widen authorization or weaken mTLS; read it, and force it if it is to be brought back");
    }

    private static Decision refuse(RejectionCode code, BranchEntry entry, String field, String message) {
        return Violations.rejected(code, "entry " + entry.last(), field, message);
    }
}
