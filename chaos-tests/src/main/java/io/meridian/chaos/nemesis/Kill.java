package io.meridian.chaos.nemesis;

import io.meridian.chaos.region.Region;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * kill -9 of one region, or of all at once as if power had failed; started again when the fault heals.
 *
 * @param all of all regions
 */
record Kill(boolean all) implements Nemesis {
    @Override
    public String name() {
        return all ? "blackout" : "kill";
    }

    @Override
    public Lane lane() {
        return Lane.PROCESS;
    }

    @Override
    public Fault start(Regions regions, Random random) throws IOException, InterruptedException {
        List<Region> victims = all ? regions.all() : List.of(Nemesis.any(regions, random));
        for (Region region : victims) {
            region.kill9();
        }
        Set<String> names = victims.stream().map(Region::name).collect(Collectors.toSet());
        return new Simple(
                "kill -9 of " + (all ? "all regions" : victims.getFirst().name()), names, regions::startAll);
    }
}
