package io.meridian.chaos.check;

import io.meridian.chaos.history.Recorded;
import io.meridian.chaos.history.Recorded.Fault;
import java.util.ArrayList;
import java.util.List;

/** When regions' disks were put back to an earlier state. Immutable. */
final class Restores {
    /**
     * What was stored between {@code began} and {@code forgot} is gone at {@code ended}. Nanoseconds since the run began.
     *
     * @param began when the copy of the disk was made, or a little later
     * @param forgot when the region was stopped and began to go back
     * @param ended when it ran again
     */
    private record Restore(String region, long began, long forgot, long ended) {}

    private final List<Restore> all = new ArrayList<>();

    Restores(Recorded history) {
        for (Fault fault : history.faults()) {
            for (String region : fault.forgets()) {
                all.add(new Restore(
                        region,
                        time(history, fault, "start", 0, 0),
                        fault.time(),
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

    /** Whether the disk of {@code region} was going back at some time of that span. */
    boolean wentBack(String region, long from, long to) {
        return all.stream()
                .anyMatch(restore ->
                        restore.region().equals(region) && restore.forgot() <= to && from <= restore.ended());
    }

    /** Whether the disk of {@code region} may have held, and forgotten, what was written by a call at {@code called} and seen at {@code seen}. */
    boolean mayHaveForgotten(String region, long called, long seen) {
        return all.stream()
                .anyMatch(restore ->
                        restore.region().equals(region) && called <= restore.forgot() && restore.began() <= seen);
    }
}
