package io.meridian.chaos.nemesis;

import io.meridian.chaos.proxy.Link;
import io.meridian.chaos.region.Region;
import io.meridian.chaos.region.Regions;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** All connections between regions are reset, again and again, each time after a fraction of a second. */
final class Resets implements Nemesis {
    private static final int SHORTEST_MILLIS = 100;
    private static final int MORE_MILLIS = 700;

    @Override
    public String name() {
        return "reset";
    }

    @Override
    public Lane lane() {
        return Lane.NETWORK;
    }

    @Override
    public Fault start(Regions regions, Random random) {
        List<Link> links = List.copyOf(regions.network().links());
        CountDownLatch end = new CountDownLatch(1);
        Thread resetting = Thread.ofVirtual().start(() -> {
            try {
                do {
                    links.forEach(Link::reset);
                } while (!end.await(SHORTEST_MILLIS + random.nextInt(MORE_MILLIS), TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                // The run is over.
            }
        });
        return new Simple(
                "all connections are reset again and again",
                regions.all().stream().map(Region::name).collect(Collectors.toSet()),
                () -> {
                    end.countDown();
                    resetting.join();
                });
    }
}
