package io.meridian.chaos.nemesis;

import io.meridian.chaos.proxy.Network;
import io.meridian.chaos.proxy.Traffic;
import io.meridian.chaos.region.Region;
import io.meridian.chaos.region.Regions;
import java.time.Duration;
import java.util.Random;
import java.util.Set;

/** What a region sends and receives takes long, each byte or all of them together. */
record Slow(boolean narrow) implements Nemesis {
    private static final int SHORTEST_MILLIS = 50;
    private static final int MORE_MILLIS = 350;
    private static final int NARROWEST_BYTES = 10_000;
    private static final int MORE_BYTES = 90_000;

    @Override
    public String name() {
        return narrow ? "narrow" : "latency";
    }

    @Override
    public Lane lane() {
        return Lane.NETWORK;
    }

    @Override
    public Fault start(Regions regions, Random random) {
        Region region = Nemesis.any(regions, random);
        Network network = regions.network();
        Traffic traffic = narrow
                ? Traffic.limited(NARROWEST_BYTES + random.nextInt(MORE_BYTES))
                : Traffic.delayed(
                        Duration.ofMillis(SHORTEST_MILLIS + random.nextInt(MORE_MILLIS)),
                        Duration.ofMillis(random.nextInt(SHORTEST_MILLIS)));
        for (Region other : regions.all()) {
            if (other != region) {
                network.traffic(region.name(), other.name(), traffic);
                network.traffic(other.name(), region.name(), traffic);
            }
        }
        String what = narrow
                ? traffic.bytesPerSecond() + " bytes a second on each connection of " + region.name()
                : traffic.latency().toMillis() + " ms to and from " + region.name();
        return new Simple(what, Set.of(region.name()), network::heal);
    }
}
