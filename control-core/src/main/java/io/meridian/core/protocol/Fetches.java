package io.meridian.core.protocol;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import java.util.Map;

/** Fetches what a candidate lacks before it opens its epoch, or looks whether what it has is part of what others have. */
final class Fetches {
    private final Turn turn;
    private final ProtocolState state;

    Fetches(Turn turn) {
        this.turn = turn;
        this.state = turn.state;
    }

    void fetch(RegionId from) {
        state.fetching = from;
        turn.outputs.add(new Output.Fetch(
                from,
                state.judged().head().position().seq(),
                turn.settings.limits().fetchEvents()));
    }

    /** What {@code with} holds where the own head is. */
    void compare(RegionId with) {
        state.fetching = with;
        turn.outputs.add(new Output.Fetch(with, state.judged().head().position().seq() - 1, 1));
    }

    void fetched(Input.Fetched fetched) {
        if (!fetched.region().equals(state.fetching)) {
            return;
        }
        state.fetching = null;
        Run run = state.run;
        if (run == null) {
            return;
        }
        if (run.phase() == Run.Phase.COMPARING) {
            compared(fetched);
            return;
        }
        if (fetched.envelopes().isEmpty()
                || fetched.afterSeq() != state.judged().head().position().seq()) {
            retry("region " + fetched.region() + " gave nothing behind seq " + fetched.afterSeq());
            return;
        }
        // Asked for under our own promise, or of our own epochs: older epochs' events are welcome.
        Acceptance stopped = turn.copies.take(fetched.envelopes(), state.promised, Map.of(), Epoch.NONE);
        if (stopped != null) {
            retry("what region " + fetched.region() + " holds does not continue the log of region " + turn.self() + ": "
                    + stopped);
        } else {
            state.run = run.fetchFailed(0);
        }
    }

    private void compared(Input.Fetched fetched) {
        Head own = state.judged().head();
        if (fetched.afterSeq() == own.position().seq() - 1) {
            turn.takeovers.compared(
                    fetched.region(),
                    fetched.envelopes().stream()
                            .anyMatch(theirs -> theirs.hash().equals(own.hash())));
        } else {
            // It follows meanwhile, so it leaves nothing behind that it does not know of.
            turn.takeovers.notCompared();
        }
    }

    void failed(Input.FetchFailed failed) {
        Run run = state.run;
        if (!failed.region().equals(state.fetching)) {
            return;
        }
        state.fetching = null;
        if (run != null && run.phase() == Run.Phase.COMPARING) {
            turn.takeovers.notCompared();
        } else {
            retry("region " + failed.region() + ": " + failed.why());
        }
    }

    private void retry(String why) {
        state.fetchAgainMillis =
                turn.at.nowMillis() + turn.settings.timing().retry().toMillis();
        turn.takeovers.fetchFailed(why);
    }
}
