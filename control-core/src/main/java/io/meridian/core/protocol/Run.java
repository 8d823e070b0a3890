package io.meridian.core.protocol;

import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshEvent.SegmentOpened.Cause;
import io.meridian.model.mesh.Origin;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * A candidate's attempt to become the home. Immutable.
 *
 * @param token whose answer it is; {@link #NOBODY} if none asked
 * @param attempt 1 for the first epoch that was tried
 * @param askedMillis when promises were last asked for
 * @param answers of the regions, the own included
 * @param fetchFailures in a row
 */
record Run(
        long token,
        Origin origin,
        Epoch epoch,
        Cause cause,
        boolean withoutMajority,
        boolean automatic,
        long startedMillis,
        long collectedFromMillis,
        long askedMillis,
        int attempt,
        Phase phase,
        PMap<RegionId, Answer> answers,
        int fetchFailures) {
    static final long NOBODY = 0;

    enum Phase {
        /** The own promise is being made durable. */
        PROMISING,
        /** Others are asked. */
        COLLECTING,
        /** What others hold and this region lacks is fetched. */
        FETCHING,
        /** The segment's first event is being made durable. */
        OPENING
    }

    sealed interface Answer {}

    record Granted(Head head, boolean witness) implements Answer {}

    record Denied(Epoch promised, String why) implements Answer {}

    static Run start(
            long token,
            Origin origin,
            Epoch epoch,
            Cause cause,
            boolean withoutMajority,
            boolean automatic,
            long nowMillis) {
        return new Run(
                token,
                origin,
                epoch,
                cause,
                withoutMajority,
                automatic,
                nowMillis,
                nowMillis,
                nowMillis,
                1,
                Phase.PROMISING,
                HashTreePMap.empty(),
                0);
    }

    /** Another try in a later epoch. */
    Run again(Epoch later, long nowMillis) {
        return new Run(
                token,
                origin,
                later,
                cause,
                withoutMajority,
                automatic,
                startedMillis,
                nowMillis,
                nowMillis,
                attempt + 1,
                Phase.PROMISING,
                HashTreePMap.empty(),
                0);
    }

    Run in(Phase next) {
        return new Run(
                token,
                origin,
                epoch,
                cause,
                withoutMajority,
                automatic,
                startedMillis,
                collectedFromMillis,
                askedMillis,
                attempt,
                next,
                answers,
                fetchFailures);
    }

    Run answered(RegionId region, Answer answer) {
        return new Run(
                token,
                origin,
                epoch,
                cause,
                withoutMajority,
                automatic,
                startedMillis,
                collectedFromMillis,
                askedMillis,
                attempt,
                phase,
                answers.plus(region, answer),
                fetchFailures);
    }

    Run asked(long nowMillis) {
        return new Run(
                token,
                origin,
                epoch,
                cause,
                withoutMajority,
                automatic,
                startedMillis,
                collectedFromMillis,
                nowMillis,
                attempt,
                phase,
                answers,
                fetchFailures);
    }

    Run fetchFailed(int failures) {
        return new Run(
                token,
                origin,
                epoch,
                cause,
                withoutMajority,
                automatic,
                startedMillis,
                collectedFromMillis,
                askedMillis,
                attempt,
                phase,
                answers,
                failures);
    }

    long granted() {
        return answers.values().stream().filter(Granted.class::isInstance).count();
    }
}
