package io.meridian.core.protocol;

import io.meridian.model.log.Acceptance;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import java.util.Map;

/** Fetches what a candidate lacks before it opens its epoch. */
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

    void fetched(Input.Fetched fetched) {
        if (!fetched.region().equals(state.fetching)) {
            return;
        }
        state.fetching = null;
        Run run = state.run;
        if (run == null) {
            return;
        }
        if (fetched.envelopes().isEmpty()
                || fetched.afterSeq() != state.judged().head().position().seq()) {
            retry("region " + fetched.region() + " gave nothing behind seq " + fetched.afterSeq());
            return;
        }
        // Asked for under our own promise: older epochs' events are welcome.
        Acceptance stopped = turn.copies.take(fetched.envelopes(), state.promised, Map.of(), Epoch.NONE);
        if (stopped != null) {
            retry("what region " + fetched.region() + " holds does not continue the log of region " + turn.self() + ": "
                    + stopped);
        } else {
            state.run = run.fetchFailed(0);
        }
    }

    void failed(Input.FetchFailed failed) {
        if (failed.region().equals(state.fetching)) {
            state.fetching = null;
            retry("region " + failed.region() + ": " + failed.why());
        }
    }

    private void retry(String why) {
        state.fetchAgainMillis =
                turn.at.nowMillis() + turn.settings.timing().retry().toMillis();
        turn.takeovers.fetchFailed(why);
    }
}
