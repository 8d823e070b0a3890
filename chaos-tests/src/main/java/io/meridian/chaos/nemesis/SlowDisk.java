package io.meridian.chaos.nemesis;

import io.meridian.chaos.region.Region;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** The disk of a region answers only now and then: whoever writes or syncs waits for up to a second, again and again. */
final class SlowDisk implements Nemesis {
    private static final int SHORTEST_MILLIS = 100;
    private static final int MORE_MILLIS = 900;
    private static final int MOST_OPEN_MILLIS = 40;

    @Override
    public String name() {
        return "slow-disk";
    }

    @Override
    public Lane lane() {
        return Lane.PROCESS;
    }

    @Override
    public boolean wantsOwnDisks() {
        return true;
    }

    @Override
    public Fault start(Regions regions, Random random) throws IOException, InterruptedException {
        Region region = Nemesis.any(regions, random);
        regions.requireOwnDisks();
        region.freezeDisk();
        CountDownLatch end = new CountDownLatch(1);
        AtomicReference<Exception> failure = new AtomicReference<>();
        Thread thawing = Thread.ofVirtual().start(() -> {
            try {
                stutter(region, random, end);
            } catch (IOException | InterruptedException e) {
                failure.set(e);
            }
        });
        return new Simple("disk of " + region.name() + " slow", Set.of(region.name()), () -> {
            end.countDown();
            thawing.join();
            Exception cause = failure.get();
            if (cause != null) {
                throw new IOException("the disk of " + region.name() + " could not be slowed: " + cause, cause);
            }
        });
    }

    /** It is frozen, and thawed in the end. */
    private static void stutter(Region region, Random random, CountDownLatch end)
            throws IOException, InterruptedException {
        while (!end.await(SHORTEST_MILLIS + random.nextInt(MORE_MILLIS), TimeUnit.MILLISECONDS)) {
            region.thawDisk();
            TimeUnit.MILLISECONDS.sleep(random.nextInt(MOST_OPEN_MILLIS));
            region.freezeDisk();
        }
        region.thawDisk();
    }
}
