package io.meridian.benchmarks;

import io.meridian.chaos.proxy.Traffic;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What a write of SYNC(1) costs beyond one of LOCAL, in turns, by one client: over links that add nothing, then over the same links with a delay.
 * What the delay adds tells how many times a write goes to and fro.
 */
final class SyncCost {
    private static final Duration ONE_WAY = Duration.ofMillis(50);
    private static final double ROUND_TRIP_MILLIS = 2.0 * ONE_WAY.toMillis();
    /** More than one to and fro, less than two. */
    private static final double MOST_ROUND_TRIPS = 1.5;

    private static final String HOME = "eu-1";
    private static final int WARM_UP_SECONDS = 5;

    private SyncCost() {}

    private record Pair(Figures local, Figures sync) {
        double addedMillis() {
            return sync.millis(0.5) - local.millis(0.5);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "LOCAL p50 %.1f ms, p99 %.1f ms; SYNC(1) p50 %.1f ms, p99 %.1f ms; p50 adds %.1f ms (n=%d each)",
                    local.millis(0.5),
                    local.millis(0.99),
                    sync.millis(0.5),
                    sync.millis(0.99),
                    addedMillis(),
                    local.count());
        }
    }

    /** With regions of its own. */
    static void measure(Path root, Path folder, int seconds, Scoreboard scoreboard) throws IOException {
        try (RegionSet regions = new RegionSet(root, folder, true)) {
            Admin home = regions.admin(HOME);
            home.createMesh("local", 0);
            home.createMesh("sync", 1);
            regions.awaitEqualHeads("local");
            regions.awaitEqualHeads("sync");
            inTurns(home, WARM_UP_SECONDS);
            Pair near = inTurns(home, seconds);
            Traffic slow = Traffic.delayed(ONE_WAY, Duration.ZERO);
            Regions.NAMES.forEach(from -> Regions.NAMES.stream()
                    .filter(to -> !to.equals(from))
                    .forEach(to -> regions.processes().network().traffic(from, to, slow)));
            Pair far = inTurns(home, seconds);
            scoreboard.add("writes on loopback, in turns", near.toString());
            double roundTrips = (far.addedMillis() - near.addedMillis()) / ROUND_TRIP_MILLIS;
            scoreboard.add(
                    "the same, regions %.0f ms (to and fro) apart".formatted(ROUND_TRIP_MILLIS),
                    String.format(
                            Locale.ROOT,
                            "%s, of which the distance %.1f ms: %.2f round trips",
                            far,
                            far.addedMillis() - near.addedMillis(),
                            roundTrips),
                    "SYNC(1) adds at most 1 round trip",
                    roundTrips < MOST_ROUND_TRIPS);
        }
    }

    private static Pair inTurns(Admin home, int seconds) {
        Pair pair = new Pair(new Figures(), new Figures());
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (int i = 0; System.nanoTime() < end; i++) {
            String manifest = Workload.unseenVirtualService("default", i % 50, 50);
            timed(home, "local", manifest, pair.local());
            timed(home, "sync", manifest, pair.sync());
        }
        return pair;
    }

    private static void timed(Admin home, String mesh, String manifest, Figures figures) {
        long start = System.nanoTime();
        home.apply(mesh, manifest);
        figures.add(System.nanoTime() - start);
    }
}
