package io.meridian.chaos.nemesis;

import io.meridian.chaos.region.Region;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.util.Random;
import java.util.Set;

/** No file of a region grows any more (RLIMIT_FSIZE), as if its disk was full. */
final class DiskFull implements Nemesis {
    /** Less than any file that a region appends to. */
    private static final long LIMIT_BYTES = 4096;

    @Override
    public String name() {
        return "disk-full";
    }

    @Override
    public Lane lane() {
        return Lane.PROCESS;
    }

    @Override
    public Fault start(Regions regions, Random random) throws IOException, InterruptedException {
        Region region = Nemesis.any(regions, random);
        try {
            region.limitFileSize(LIMIT_BYTES);
        } catch (IOException e) {
            throw new UnsupportedOperationException("prlimit does not work here: " + e.getMessage(), e);
        }
        return new Simple("disk of " + region.name() + " full", Set.of(region.name()), region::unlimitFileSize);
    }
}
