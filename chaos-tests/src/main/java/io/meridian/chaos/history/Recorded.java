package io.meridian.chaos.history;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A history as the checker reads it. Times are nanoseconds since the run began. Operations stand in the order in which they were called.
 *
 * @param run what was run
 * @param converged the first line about it, null if the run ended before
 */
public record Recorded(
        Run run,
        List<Write> writes,
        List<Read> reads,
        List<Head> heads,
        List<Served> served,
        List<Move> moves,
        List<Fault> faults,
        @Nullable Converged converged) {
    /** The completion time of what never completed. */
    public static final long NEVER = Long.MAX_VALUE;

    public Recorded {
        writes = List.copyOf(writes);
        reads = List.copyOf(reads);
        heads = List.copyOf(heads);
        served = List.copyOf(served);
        moves = List.copyOf(moves);
        faults = List.copyOf(faults);
    }

    /** What a client did, from its call to its end. */
    public sealed interface Operation {}

    /**
     * @param meshes to the number of other regions that must hold a write before it is acknowledged; 0: asynchronous
     * @param regions names to indexes
     * @param leased whether a home stops by itself once its lease has ended
     * @param gateways to the regions that feed them; none if the history does not tell of any
     */
    public record Run(
            long seed,
            Map<String, Integer> regions,
            Map<String, Integer> meshes,
            boolean leased,
            Map<String, String> gateways) {
        public Run {
            regions = Map.copyOf(regions);
            meshes = Map.copyOf(meshes);
            gateways = Map.copyOf(gateways);
        }

        public boolean isSynchronous(String mesh) {
            return meshes.getOrDefault(mesh, 0) > 0;
        }

        /** Of the regions that hold an acknowledged write of a synchronous mesh, and of any majority: how many are the same at least. 1 for others. */
        public int sharedVoters(String mesh) {
            int majority = regions.size() / 2 + 1;
            return Math.max(1, meshes.getOrDefault(mesh, 0) + 1 + majority - regions.size());
        }
    }

    /**
     * @param id the request id of all its attempts
     * @param expected it was to be refused unless the log's head was exactly there; null: no such condition
     * @param position where its last event stands; with OK only
     */
    public record Write(
            String process,
            String id,
            String mesh,
            String key,
            long value,
            @Nullable Position expected,
            long invoked,
            long completed,
            Outcome outcome,
            @Nullable Position position)
            implements Operation {}

    /**
     * @param demanded the position that the answer had to include; null: none
     * @param fresh {@code demanded} was the newest that any client knew when it was called
     * @param position which the answer belongs to; with OK only
     * @param values of all keys that have one; with OK only
     * @param rolledBack it was refused since {@code demanded} is not on the current branch
     */
    public record Read(
            String process,
            String mesh,
            String region,
            @Nullable Position demanded,
            boolean fresh,
            long invoked,
            long completed,
            Outcome outcome,
            @Nullable Position position,
            Map<String, Long> values,
            boolean rolledBack)
            implements Operation {
        public Read {
            values = Map.copyOf(values);
        }
    }

    /** A region's head of a mesh, as seen from outside at that time; those of one region and mesh were asked for one after the other. */
    public record Head(long time, String region, String mesh, Position position, String home, String stateHash) {}

    /**
     * What a proxy of a gateway and mesh was served, at that time; those of one gateway and mesh came one after the other.
     *
     * @param values of all keys that have one
     */
    public record Served(long time, String gateway, String mesh, Map<String, Long> values) {
        public Served {
            values = Map.copyOf(values);
        }
    }

    /**
     * @param kind "handover" or "failover"
     * @param position which the move was reported to have opened; with OK only
     */
    public record Move(
            String process,
            String kind,
            String mesh,
            String to,
            long invoked,
            long completed,
            Outcome outcome,
            @Nullable Position position)
            implements Operation {}

    /**
     * @param phase "start", "heal" (it begins to end), "healed", or "skipped"
     * @param regions which it touched
     * @param forgets regions whose disk went back to an earlier state then
     * @param counts how often it did what, with "healed" of a fault that counts; else empty
     */
    public record Fault(
            long time,
            String nemesis,
            String phase,
            String what,
            Set<String> regions,
            Set<String> forgets,
            Map<String, Long> counts) {
        public Fault {
            regions = Set.copyOf(regions);
            forgets = Set.copyOf(forgets);
            counts = Map.copyOf(counts);
        }
    }

    /**
     * Whether all regions agreed and took writes after the last fault was healed.
     *
     * @param seconds until they did, or for how long was waited
     * @param error what was missing; empty with OK
     */
    public record Converged(Outcome outcome, double seconds, String error) {}
}
