package io.meridian.chaos.nemesis;

import io.meridian.chaos.region.Region;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A kind of fault. Stateless. */
public interface Nemesis {
    /** Faults of different lanes may be at work at the same time, those of one lane come one after the other. */
    enum Lane {
        NETWORK,
        PROCESS,
        GATEWAY,
        RECORDS
    }

    /** As in {@code --nemesis}. */
    String name();

    Lane lane();

    /** Whether the regions must have disks of their own for it. */
    default boolean wantsOwnDisks() {
        return false;
    }

    /**
     * Starts a fault.
     *
     * @param random decides which
     * @throws UnsupportedOperationException if this machine does not allow it, with the reason
     */
    Fault start(Regions regions, Random random) throws IOException, InterruptedException;

    /** One that is at work. */
    interface Fault {
        /** What was done, for the history. */
        String what();

        /** The names of the regions that it is about. */
        Set<String> regions();

        /** Ends it; called once. Returns when what can be done from outside is done; the regions may need longer to recover. */
        void heal() throws IOException, InterruptedException;

        /** What has to come after the history has the line of its start; called once, right after that was written. */
        default void started() throws IOException, InterruptedException {}

        /** What has to come after the history has the line that it is healed; called once, right after that was written. */
        default void healed() throws IOException, InterruptedException {}

        /** Regions whose disk goes back to an earlier state when it heals. */
        default Set<String> forgets() {
            return Set.of();
        }

        /** How often it did what, for the history; complete once it is healed. Empty where nothing is counted. */
        default Map<String, Long> counts() {
            return Map.of();
        }
    }

    /** A fault whose healing is one action. */
    record Simple(String what, Set<String> regions, Healing healing) implements Fault {
        @FunctionalInterface
        public interface Healing {
            void run() throws IOException, InterruptedException;
        }

        @Override
        public void heal() throws IOException, InterruptedException {
            healing.run();
        }
    }

    /** A random region. */
    static Region any(Regions regions, Random random) {
        List<Region> all = regions.all();
        return all.get(random.nextInt(all.size()));
    }

    /** All regions in a random order. */
    static List<String> shuffled(Regions regions, Random random) {
        List<String> names =
                new ArrayList<>(regions.all().stream().map(Region::name).toList());
        Collections.shuffle(names, random);
        return names;
    }
}
