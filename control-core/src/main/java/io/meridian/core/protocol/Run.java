package io.meridian.core.protocol;

import io.meridian.model.log.Head;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.mesh.MeshEvent.SegmentOpened.Cause;
import io.meridian.model.mesh.Origin;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.RegionId;
import java.util.Map;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * A candidate's attempt to become the home. Immutable.
 *
 * @param attempt 1 for the first epoch that was tried
 * @param collectedFromMillis since when promises of this epoch are collected
 * @param askedMillis when they were last asked for
 * @param answers of the regions, the own included
 * @param fetchFailures in a row
 */
record Run(
        Request request,
        Epoch epoch,
        int attempt,
        long collectedFromMillis,
        long askedMillis,
        Phase phase,
        PMap<RegionId, Answer> answers,
        int fetchFailures) {
    static final long NOBODY = 0;

    /**
     * What is to be done; the same for all epochs that are tried.
     *
     * @param token whose answer it is; {@link #NOBODY} if none asked
     */
    record Request(
            long token, Origin origin, Cause cause, boolean withoutMajority, boolean automatic, long startedMillis) {}

    enum Phase {
        /** Nothing is promised yet: what this region wrote as the home and lost is fetched from whoever holds it. */
        RECOVERING,
        /** Nothing is promised yet: whether the own log is part of the one that a later epoch went on with is looked up. */
        COMPARING,
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

    /** {@code members}: who they are as far as that region knows. */
    record Granted(Head head, boolean witness, MembersNote members) implements Answer {}

    record Denied(Epoch promised, String why) implements Answer {}

    static Run start(Request request, Epoch epoch, long nowMillis) {
        return attempt(request, epoch, 1, nowMillis);
    }

    /** Another try in a later epoch. */
    Run again(Epoch later, long nowMillis) {
        return attempt(request, later, attempt + 1, nowMillis);
    }

    private static Run attempt(Request request, Epoch epoch, int attempt, long nowMillis) {
        return new Run(request, epoch, attempt, nowMillis, nowMillis, Phase.PROMISING, HashTreePMap.empty(), 0);
    }

    Run in(Phase next) {
        return new Run(request, epoch, attempt, collectedFromMillis, askedMillis, next, answers, fetchFailures);
    }

    Run answered(RegionId region, Answer answer) {
        PMap<RegionId, Answer> more = answers.plus(region, answer);
        return new Run(request, epoch, attempt, collectedFromMillis, askedMillis, phase, more, fetchFailures);
    }

    Run asked(long nowMillis) {
        return new Run(request, epoch, attempt, collectedFromMillis, nowMillis, phase, answers, fetchFailures);
    }

    Run fetchFailed(int failures) {
        return new Run(request, epoch, attempt, collectedFromMillis, askedMillis, phase, answers, failures);
    }

    /** What was adopted names other members: those are asked too, and who refused is asked again. */
    Run recollected(long nowMillis) {
        PMap<RegionId, Answer> granted = answers;
        for (Map.Entry<RegionId, Answer> entry : answers.entrySet()) {
            if (!(entry.getValue() instanceof Granted)) {
                granted = granted.minus(entry.getKey());
            }
        }
        return new Run(request, epoch, attempt, nowMillis, nowMillis, Phase.COLLECTING, granted, fetchFailures);
    }
}
