package io.meridian.model.mesh;

import io.meridian.model.log.EventEnvelope;
import java.util.List;

/** What a home has to do about one command, see {@link HomeTurn}. */
public sealed interface Turn {

    /**
     * Persist {@code envelopes} atomically; then {@code next} is the state and {@code outcome} the answer. Until they are durable neither
     * may be shown to anybody.
     *
     * @param envelopes at least one, in order
     */
    record Commit(List<EventEnvelope> envelopes, MeshState next, CommandOutcome.Accepted outcome) implements Turn {
        public Commit {
            envelopes = List.copyOf(envelopes);
        }
    }

    /** Nothing to persist: a replay, a refusal, a dry run, or what was asked for already is. */
    record Answered(CommandOutcome outcome) implements Turn {}
}
