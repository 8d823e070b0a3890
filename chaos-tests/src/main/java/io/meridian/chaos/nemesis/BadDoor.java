package io.meridian.chaos.nemesis;

import io.meridian.chaos.proxy.Link;
import io.meridian.chaos.proxy.Network;
import io.meridian.chaos.region.Region;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.util.Random;
import java.util.Set;

/** All connections of a region with others are reset, and new ones are refused, or accepted and never answered. */
record BadDoor(Link.Door door) implements Nemesis {
    @Override
    public String name() {
        return door == Link.Door.REFUSE ? "refuse" : "half-open";
    }

    @Override
    public Lane lane() {
        return Lane.NETWORK;
    }

    @Override
    public Fault start(Regions regions, Random random) throws IOException {
        Region region = Nemesis.any(regions, random);
        Network network = regions.network();
        for (Region other : regions.all()) {
            if (other != region) {
                for (Link link :
                        new Link[] {network.link(region.name(), other.name()), network.link(other.name(), region.name())
                        }) {
                    link.door(door);
                    link.reset();
                }
            }
        }
        String what = "connections to and from " + region.name()
                + (door == Link.Door.REFUSE ? " are refused" : " are accepted and not answered");
        return new Simple(what, Set.of(region.name()), network::heal);
    }
}
