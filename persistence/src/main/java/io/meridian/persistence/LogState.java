package io.meridian.persistence;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.Evolver;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.UnreadableEventException;
import io.meridian.model.position.MeshId;

/**
 * Where a mesh's log stands: its verified head, and its state folded as far as this version can read it. Immutable.
 *
 * <p>A replica stores events that it cannot read; {@code state} then stays before the first of them (see {@link #isReadable}) until a newer
 * version folds the log again.
 */
public record LogState(Head head, MeshState state) {
    private static final String SEGMENT_OPENED = "SegmentOpened";

    public static LogState empty(MeshId mesh) {
        return new LogState(Head.empty(mesh), MeshState.empty(mesh));
    }

    /** Before the first event of a segment that opens behind {@code base}: that event brings the state along. */
    public static LogState before(Head base) {
        return new LogState(base, MeshState.empty(base.position().mesh()));
    }

    public static LogState of(MeshState state) {
        return new LogState(state.head(), state);
    }

    /** Whether the state is that of the head. */
    public boolean isReadable() {
        return state.head().equals(head);
    }

    /**
     * After the next event, with its hash, its place and its link to the event before it verified.
     *
     * @throws LogDamagedException if one of these does not hold, naming the position
     */
    public LogState next(EventEnvelope envelope) {
        MeshId mesh = head.position().mesh();
        if (!envelope.mesh().equals(mesh)) {
            throw damaged(envelope, "it is an event of mesh " + envelope.mesh());
        }
        if (envelope.seq() != head.position().seq() + 1) {
            throw damaged(envelope, "event " + (head.position().seq() + 1) + " is missing before it");
        }
        if (!envelope.computeHash().equals(envelope.hash())) {
            throw damaged(envelope, "its bytes do not have the hash " + envelope.hash() + " that it was stored with");
        }
        if (!envelope.prevHash().equals(head.hash())) {
            throw damaged(
                    envelope,
                    "it continues an event with the hash " + envelope.prevHash() + ", but the one before it, "
                            + head.position() + ", has " + head.hash());
        }
        return new LogState(envelope.head(), fold(envelope));
    }

    private MeshState fold(EventEnvelope envelope) {
        boolean opens = state.head().isEmpty() && envelope.header().getType().equals(SEGMENT_OPENED);
        if (!isReadable() && !opens) {
            return state;
        }
        try {
            return Evolver.evolve(state, envelope);
        } catch (UnreadableEventException e) {
            return state;
        } catch (IllegalArgumentException e) {
            throw new LogDamagedException(
                    "the log of mesh " + envelope.mesh() + " is damaged at position " + envelope.position() + ": "
                            + e.getMessage(),
                    e);
        }
    }

    private static LogDamagedException damaged(EventEnvelope envelope, String why) {
        return new LogDamagedException(
                "the log of mesh " + envelope.mesh() + " is damaged at position " + envelope.position() + ": " + why);
    }
}
