package io.meridian.chaos.nemesis;

import io.meridian.chaos.region.Region;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;

/**
 * A region is stopped, its disk copied, and started again; when the fault heals it is stopped and starts from that copy. The lines of the history stand
 * where the region is stopped: what it did between "start" and "healed", and nothing else, is forgotten.
 */
final class RestoreOld implements Nemesis {
    @Override
    public String name() {
        return "restore-old";
    }

    @Override
    public Lane lane() {
        return Lane.PROCESS;
    }

    @Override
    public Fault start(Regions regions, Random random) throws IOException, InterruptedException {
        Region region = Nemesis.any(regions, random);
        Path backup = region.log().resolveSibling(region.name() + ".backup");
        region.terminate();
        region.backUp(backup);
        return new OldDisk(region, backup);
    }

    private record OldDisk(Region region, Path backup) implements Fault {
        @Override
        public String what() {
            return "the disk of " + region.name() + " goes back to how it was at the start of this fault";
        }

        @Override
        public Set<String> regions() {
            return Set.of(region.name());
        }

        @Override
        public Set<String> forgets() {
            return regions();
        }

        @Override
        public void started() throws IOException, InterruptedException {
            region.start();
        }

        @Override
        public void heal() throws IOException, InterruptedException {
            region.terminate();
            region.restore(backup);
        }

        @Override
        public void healed() throws IOException, InterruptedException {
            region.start();
        }
    }
}
