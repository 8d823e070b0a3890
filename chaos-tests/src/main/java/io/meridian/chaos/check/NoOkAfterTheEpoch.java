package io.meridian.chaos.check;

import io.meridian.chaos.history.Outcome;
import io.meridian.chaos.history.Position;
import io.meridian.chaos.history.Recorded;
import io.meridian.chaos.history.Recorded.Write;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * I12. A write that was called after a write had been acknowledged in a later epoch of the current branch is not acknowledged in an earlier one. That is a
 * violation where the old home must know that it has lost its epoch: in synchronous meshes, and where homes hold leases; and where the write is on the
 * current branch itself. In an asynchronous mesh without a lease a home that is cut off cannot know; such writes are counted, and I6 demands that each is
 * listed.
 *
 * <p>Excused (and counted): so many of the regions that promised the later epoch had forgotten it with their disks as it takes to acknowledge in the earlier
 * one.
 */
final class NoOkAfterTheEpoch implements Rule {
    @Override
    public Verdict judge(Evidence evidence) {
        Recorded history = evidence.history();
        Map<String, NavigableMap<Long, Long>> firstOk = firstOk(evidence);
        ForgottenPromises forgotten = new ForgottenPromises(evidence, new Restores(history));
        List<String> violations = new ArrayList<>();
        int examined = 0;
        int tolerated = 0;
        int excused = 0;
        for (Write write : history.writes()) {
            Position position = write.position();
            if (write.outcome() != Outcome.OK || position == null) {
                continue;
            }
            examined++;
            for (var later : firstOk.getOrDefault(write.mesh(), new TreeMap<>())
                    .tailMap(position.epoch(), false)
                    .entrySet()) {
                if (write.invoked() > later.getValue()) {
                    boolean isCurrent = evidence.mesh(write.mesh()).current().holds(write);
                    boolean mustKnow = history.run().isSynchronous(write.mesh())
                            || history.run().leased();
                    if (!isCurrent
                            && mustKnow
                            && forgotten
                                            .of(write.mesh(), position, write.completed())
                                            .size()
                                    >= history.run().sharedVoters(write.mesh())) {
                        excused++;
                    } else if (isCurrent || mustKnow) {
                        violations.add(write.mesh() + ": write " + write.id() + " was acknowledged at " + position
                                + ", though epoch " + later.getKey() + " had acknowledged one before it was called");
                    } else {
                        tolerated++;
                    }
                    break;
                }
            }
        }
        return new Verdict(
                "I12",
                "no acknowledgement after the epoch was lost",
                examined + " acknowledged writes, of which " + tolerated
                        + " by a home without lease that was cut off, and " + excused
                        + " with a region whose disk had forgotten what it promised",
                violations);
    }

    /** By mesh and epoch: when its first acknowledgement of what is on the current branch was heard. */
    private static Map<String, NavigableMap<Long, Long>> firstOk(Evidence evidence) {
        Map<String, NavigableMap<Long, Long>> first = new HashMap<>();
        for (Write write : evidence.history().writes()) {
            Position position = write.position();
            if (write.outcome() == Outcome.OK
                    && position != null
                    && evidence.mesh(write.mesh()).current().holds(write)) {
                first.computeIfAbsent(write.mesh(), mesh -> new TreeMap<>())
                        .merge(position.epoch(), write.completed(), Math::min);
            }
        }
        return first;
    }
}
