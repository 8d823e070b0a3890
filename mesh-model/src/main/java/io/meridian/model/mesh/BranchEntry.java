package io.meridian.model.mesh;

import io.meridian.model.position.Position;
import java.util.Optional;

/**
 * One command's events on a divergent branch, and what became of them. Named by the position of its last event.
 *
 * @param commandId empty for events of the log's own
 * @param first the position of the first of its events, on the branch
 * @param last that of the last
 * @param why the assessment in words, for a person
 * @param operatorOnly it may widen authorization or weaken mTLS: never brought back without an operator
 * @param reappliedAt on the current branch, where it was brought back; present exactly when {@link Resolution#REAPPLIED}
 */
public record BranchEntry(
        String commandId,
        Position first,
        Position last,
        Assessment assessment,
        String why,
        boolean operatorOnly,
        Resolution resolution,
        Optional<Position> reappliedAt) {

    /** Judged once, when the branch was recorded. */
    public enum Assessment {
        /** The command is applied on the current branch too. */
        DUPLICATE,
        /** What it touched is untouched since the fork, and it would be accepted. */
        REAPPLIABLE,
        CONFLICT,
        /** Nothing to bring back: the log's own. */
        TECHNICAL
    }

    public enum Resolution {
        OPEN,
        REAPPLIED,
        DISCARDED,
        /** {@link Assessment#DUPLICATE} and {@link Assessment#TECHNICAL}: there is nothing to decide. */
        NOT_NEEDED
    }

    public boolean isOpen() {
        return resolution == Resolution.OPEN;
    }

    BranchEntry reapplied(Position at) {
        return resolved(Resolution.REAPPLIED, Optional.of(at));
    }

    BranchEntry discarded() {
        return resolved(Resolution.DISCARDED, Optional.empty());
    }

    private BranchEntry resolved(Resolution next, Optional<Position> at) {
        return new BranchEntry(commandId, first, last, assessment, why, operatorOnly, next, at);
    }
}
