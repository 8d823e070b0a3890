package io.meridian.chaos.check;

import io.meridian.chaos.history.Position;
import io.meridian.chaos.history.Recorded;
import io.meridian.chaos.history.Recorded.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** When regions' disks were put back to an earlier state. Immutable. */
final class Restores {
    /**
     * What was stored between {@code began} and {@code ended} is gone. The region stood still at both. Nanoseconds since the run began.
     *
     * @param began when the copy of the disk had been made
     * @param ended when that copy had taken the place of the disk
     */
    private record Restore(String region, long began, long ended) {}

    private final Recorded history;
    private final List<Restore> all = new ArrayList<>();

    Restores(Recorded history) {
        this.history = history;
        for (Fault fault : history.faults()) {
            for (String region : fault.forgets()) {
                all.add(new Restore(
                        region,
                        time(history, fault, "start", 0, 0),
                        time(history, fault, "healed", fault.time(), Recorded.NEVER)));
            }
        }
    }

    /** Of the phase of the same fault that is next to {@code from}; {@code otherwise} if it is not told. */
    private static long time(Recorded history, Fault fault, String phase, long from, long otherwise) {
        boolean before = phase.equals("start");
        return history.faults().stream()
                .filter(other -> other.phase().equals(phase)
                        && other.what().equals(fault.what())
                        && (before ? other.time() <= fault.time() : other.time() >= from))
                .mapToLong(Fault::time)
                .reduce((first, second) -> before ? second : first)
                .orElse(otherwise);
    }

    /** Whether the disk of {@code region} went back within that span. */
    boolean wentBack(String region, long from, long to) {
        return any(region, restore -> from <= restore.ended() && restore.ended() <= to);
    }

    /** Whether the disk of {@code region} may have held, and forgotten, what was written by a call at {@code called} and seen at {@code seen}. */
    boolean mayHaveForgotten(String region, long called, long seen) {
        return any(region, restore -> called <= restore.ended() && restore.began() <= seen);
    }

    /** Whether {@code region} may have done something between {@code earliest} and {@code latest} that it had forgotten by {@code later}. */
    boolean hadForgotten(String region, long earliest, long latest, long later) {
        return any(
                region,
                restore -> earliest <= restore.ended() && restore.began() <= latest && restore.ended() <= later);
    }

    /**
     * Whether an event that was written by a call at {@code called} and told at {@code seen} may have been only on its writer's disk when that went back: no
     * other region had been seen to hold its position until then. Its position is given again where nobody holds it.
     */
    boolean mayHaveBeenLost(String mesh, Position position, long called, long seen) {
        return all.stream()
                .anyMatch(restore -> Integer.valueOf(position.writer())
                                .equals(history.run().regions().get(restore.region()))
                        && called <= restore.ended()
                        && restore.began() <= seen
                        && !seenElsewhere(mesh, position, restore));
    }

    private boolean seenElsewhere(String mesh, Position position, Restore restore) {
        return history.heads().stream()
                .anyMatch(head -> head.time() < restore.ended()
                        && head.mesh().equals(mesh)
                        && !head.region().equals(restore.region())
                        && head.position().epoch() == position.epoch()
                        && head.position().seq() >= position.seq());
    }

    private boolean any(String region, Predicate<Restore> condition) {
        return all.stream().anyMatch(restore -> restore.region().equals(region) && condition.test(restore));
    }
}
