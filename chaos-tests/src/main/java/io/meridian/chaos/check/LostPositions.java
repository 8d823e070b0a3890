package io.meridian.chaos.check;

import io.meridian.chaos.history.Outcome;
import io.meridian.chaos.history.Position;
import io.meridian.chaos.history.Recorded;
import io.meridian.chaos.history.Recorded.Head;
import io.meridian.chaos.history.Recorded.Read;
import io.meridian.chaos.history.Recorded.Write;
import java.util.HashSet;
import java.util.Set;

/**
 * Positions that somebody was told and that were lost with their writer's disk before any other region was seen to hold them. Nobody is left who could know
 * of them, so what stands there in the end, if anything, is another event. Immutable once made.
 */
final class LostPositions {
    private record Place(String mesh, Position position) {}

    private final Recorded history;
    private final Restores restores;
    private final Set<Place> all = new HashSet<>();

    LostPositions(Evidence evidence, Restores restores) {
        this.history = evidence.history();
        this.restores = restores;
        for (Write write : history.writes()) {
            Position position = write.position();
            if (write.outcome() == Outcome.OK
                    && position != null
                    && !evidence.mesh(write.mesh()).current().holds(write)
                    && restores.mayHaveBeenLost(write.mesh(), position, write.invoked(), write.completed())) {
                all.add(new Place(write.mesh(), position));
            }
        }
        for (Read read : history.reads()) {
            Position position = read.position();
            if (position != null && isOfALostEvent(read)) {
                all.add(new Place(read.mesh(), position));
            }
        }
    }

    /** Whether what was told of that position may have been of an event that was lost. */
    boolean contains(String mesh, Position position) {
        return all.contains(new Place(mesh, position));
    }

    /** Whether the answer may be the state behind an event that was lost: only the region that wrote it had it. */
    boolean isOfALostEvent(Read read) {
        Position position = read.position();
        return position != null
                && isWriter(read.region(), position)
                && restores.mayHaveBeenLost(read.mesh(), position, read.invoked(), read.completed());
    }

    boolean isOfALostEvent(Head head) {
        return isWriter(head.region(), head.position())
                && restores.mayHaveBeenLost(head.mesh(), head.position(), head.time(), head.time());
    }

    private boolean isWriter(String region, Position position) {
        return Integer.valueOf(position.writer()).equals(history.run().regions().get(region));
    }
}
