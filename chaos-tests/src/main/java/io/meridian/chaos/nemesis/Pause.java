package io.meridian.chaos.nemesis;

import io.meridian.chaos.region.Region;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.util.Random;
import java.util.Set;

/** A region stands still (SIGSTOP, or its container is frozen) until the fault heals: it comes back in the belief that no time has passed. */
final class Pause implements Nemesis {
    @Override
    public String name() {
        return "pause";
    }

    @Override
    public Lane lane() {
        return Lane.PROCESS;
    }

    @Override
    public Fault start(Regions regions, Random random) throws IOException, InterruptedException {
        Region region = Nemesis.any(regions, random);
        region.pause();
        return new Simple("pause of " + region.name(), Set.of(region.name()), region::resume);
    }
}
