package io.meridian.core.protocol;

import io.meridian.model.position.RegionId;
import java.time.Duration;

/**
 * @param self this region
 * @param witness whether it only votes: it keeps promises and no events
 * @param reserve whether it is no member of a mesh whose log names no members
 * @param incarnation one per life of this process
 * @param limits bounds of what waits
 * @param timing how long things may take
 */
public record ProtocolSettings(
        RegionId self, boolean witness, boolean reserve, String incarnation, Limits limits, Timing timing) {

    /** Of a region that is not in reserve. */
    public ProtocolSettings(RegionId self, boolean witness, String incarnation, Limits limits, Timing timing) {
        this(self, witness, false, incarnation, limits, timing);
    }

    /**
     * @param batchEvents a batch for the journal is closed when it has so many events; one command's events stay together
     * @param batchBytes ... or so many bytes
     * @param waiting calls of one mesh that may wait for an answer
     * @param waitingBytes events of one mesh that may wait for the journal, in bytes
     * @param handoverLag events that the target of a handover may be behind at its start
     * @param fetchEvents events asked for at once from another region
     */
    public record Limits(
            int batchEvents, int batchBytes, int waiting, long waitingBytes, long handoverLag, int fetchEvents) {}

    /**
     * @param handover from the start of draining to the seal; then the handover is given up
     * @param hold a write waits at most so long for its region to become the home
     * @param promises a candidate waits at most so long for promises that it could do without
     * @param takeover a whole forced failover
     * @param clearance a new incarnation of a home waits so long to hear of every other region before it goes on without some
     * @param reclaim a rightful home waits so long for an epoch that was promised to another to open
     * @param report pause between two reports of a divergent tail
     * @param retry pause between two tries to reach a region within a takeover
     * @param stagger a region's automatic takeover starts so much later for each voter with a lower index
     */
    public record Timing(
            Duration handover,
            Duration hold,
            Duration promises,
            Duration takeover,
            Duration clearance,
            Duration reclaim,
            Duration report,
            Duration retry,
            Duration stagger) {

        public static final Timing DEFAULT = new Timing(
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofMillis(700),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                Duration.ofSeconds(2),
                Duration.ofMillis(200),
                Duration.ofSeconds(1));
    }
}
