package io.meridian.chaos.check;

import io.meridian.chaos.history.Outcome;
import io.meridian.chaos.history.Position;
import io.meridian.chaos.history.Recorded.Read;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * I9. A read that demanded a position was answered at or after it, on a branch that holds it, and with exactly the values that the log has
 * at the answer's position; or it was told ROLLED_BACK, and then that position really is not on the current branch. Reads at positions that
 * are not on the current branch are examined for the order only.
 *
 * <p>Excused (and counted) are answers out of a log that was given up or forgotten in its turn. ROLLED_BACK for a position of the current branch: where the
 * region that said so was on a branch that was left for one that goes on from before it; where its disk, as it was when it said so, was put back; where the
 * position was lost with its writer's disk, and given again. Another state at a position: where that was lost so.
 */
final class ReadsHonourPositions implements Rule {
    @Override
    public Verdict judge(Evidence evidence) {
        List<String> violations = new ArrayList<>();
        Map<String, List<Read>> onCurrent = new HashMap<>();
        int answered = 0;
        int rolledBack = 0;
        int excused = 0;
        Restores restores = new Restores(evidence.history());
        LostPositions lost = new LostPositions(evidence, restores);
        for (Read read : evidence.history().reads()) {
            MeshLog log = evidence.mesh(read.mesh()).current();
            Position demanded = read.demanded();
            Position position = read.position();
            if (read.rolledBack() && demanded != null) {
                rolledBack++;
                if (log.holds(demanded)
                        && (restores.mayHaveForgotten(read.region(), read.invoked(), read.completed())
                                || lost.contains(read.mesh(), demanded)
                                || wasOnAnotherBranch(evidence, read, demanded))) {
                    excused++;
                } else if (log.holds(demanded)) {
                    violations.add(told(read) + " was told ROLLED_BACK, but it is on the current branch");
                }
            }
            if (read.outcome() != Outcome.OK || position == null) {
                continue;
            }
            answered++;
            if (lost.isOfALostEvent(read)) {
                excused++;
            }
            boolean current = log.holds(position) && !lost.isOfALostEvent(read);
            if (current) {
                onCurrent
                        .computeIfAbsent(read.mesh(), mesh -> new ArrayList<>())
                        .add(read);
            }
            if (demanded != null
                    && (position.seq() < demanded.seq()
                            || position.epoch() < demanded.epoch()
                            || (current && !log.holds(demanded)))) {
                violations.add(told(read) + " was answered at " + position);
            }
        }
        onCurrent.forEach((mesh, reads) -> values(evidence.mesh(mesh).current(), reads, violations));
        return new Verdict(
                "I9",
                "a read at a position has its state, or ROLLED_BACK",
                answered + " answers, " + rolledBack + " times ROLLED_BACK, of which " + excused
                        + " may be out of a log that was put back or given up",
                violations);
    }

    /** Whether the region that was asked was seen in a later epoch that is not on the current branch. */
    private static boolean wasOnAnotherBranch(Evidence evidence, Read read, Position demanded) {
        MeshLog log = evidence.mesh(read.mesh()).current();
        return evidence.history().heads().stream()
                .anyMatch(head -> head.mesh().equals(read.mesh())
                        && head.region().equals(read.region())
                        && head.position().epoch() > demanded.epoch()
                        && !log.holds(head.position().epoch()));
    }

    private static String told(Read read) {
        return read.mesh() + ": a read in " + read.region() + " by " + read.process() + " that demanded "
                + read.demanded();
    }

    /** Folds the log once, looking at the reads in the order of their positions. */
    private static void values(MeshLog log, List<Read> reads, List<String> violations) {
        List<Read> inOrder = reads.stream()
                .sorted(Comparator.comparingLong(ReadsHonourPositions::seq))
                .toList();
        Map<String, Long> values = new HashMap<>();
        int folded = 0;
        for (Read read : inOrder) {
            while (folded < log.events().size()
                    && log.events().get(folded).position().seq() <= seq(read)) {
                values.putAll(MeshLog.valuesSet(log.events().get(folded++)));
            }
            if (!values.equals(read.values())) {
                violations.add(told(read) + " was answered " + read.values() + " at " + read.position()
                        + ", where the log has " + values);
            }
        }
    }

    private static long seq(Read read) {
        Position position = read.position();
        return position == null ? 0 : position.seq();
    }
}
