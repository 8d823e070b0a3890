package io.meridian.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** A region is away while many events are written: its process ended or paused. */
final class CatchUp {
    private static final String HOME = "eu-1";
    private static final String REPLICA = "ap-1";
    private static final int MESHES = 10;
    private static final int CLIENTS = 256;
    private static final double PER_SECOND = 10_000;

    private CatchUp() {}

    /** When a replica held how many events. */
    private record Sample(long nanos, long events) {
        static double perSecond(Sample from, Sample to) {
            return (to.events - from.events) / Math.max((to.nanos - from.nanos) / 1e9, 1e-3);
        }
    }

    /** How a region misses what the others write. */
    private enum Absence {
        DOWN("was down") {
            @Override
            void begin(RegionSet regions) throws IOException, InterruptedException {
                regions.processes().region(REPLICA).terminate();
            }

            @Override
            void end(RegionSet regions) throws IOException, InterruptedException {
                regions.start(REPLICA);
            }
        },
        /** Its process has seen events before: what a long partition leaves behind. */
        PAUSED("was paused, its process warm,") {
            @Override
            void begin(RegionSet regions) throws IOException, InterruptedException {
                regions.processes().region(REPLICA).pause();
            }

            @Override
            void end(RegionSet regions) throws IOException, InterruptedException {
                regions.processes().region(REPLICA).resume();
            }
        };

        private final String told;

        Absence(String told) {
            this.told = told;
        }

        abstract void begin(RegionSet regions) throws IOException, InterruptedException;

        /** Returns when it answers. */
        abstract void end(RegionSet regions) throws IOException, InterruptedException;
    }

    static void measure(RegionSet regions, int events, Scoreboard scoreboard) throws IOException, InterruptedException {
        List<String> meshes =
                IntStream.range(0, MESHES).mapToObj(i -> "bulk-" + i).toList();
        meshes.forEach(mesh -> regions.admin(HOME).createMesh(mesh, 0));
        for (Absence absence : Absence.values()) {
            meshes.forEach(regions::awaitEqualHeads);
            measure(regions, meshes, events, absence, scoreboard);
        }
    }

    private static void measure(
            RegionSet regions, List<String> meshes, int events, Absence absence, Scoreboard scoreboard)
            throws IOException, InterruptedException {
        Admin home = regions.admin(HOME);
        Admin replica = regions.admin(REPLICA);
        long before = held(replica, meshes);
        absence.begin(regions);
        long began = System.nanoTime();
        write(home, meshes, events);
        double written = events / ((System.nanoTime() - began) / 1e9);
        long all = held(home, meshes);

        Sample start = new Sample(System.nanoTime(), before);
        absence.end(regions);
        Sample ready = new Sample(System.nanoTime(), held(replica, meshes));
        Sample first = ready;
        Sample last = ready;
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (last.events() < all && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            last = new Sample(System.nanoTime(), held(replica, meshes));
            first = last.events() == ready.events() ? last : first;
        }
        // Where all was there with the first look, the end of its absence is all that is known.
        double rate = Sample.perSecond(first.events() >= all ? start : first, last);
        scoreboard.add(
                "catch-up of a replica that %s for %d events (%d meshes, written at %.0f/s)"
                        .formatted(absence.told, all - before, MESHES, written),
                String.format(
                        Locale.ROOT,
                        "%.0f events/s; %.1f s from the end of its absence, %.1f s until it answered with %d of them",
                        rate,
                        (last.nanos() - start.nanos()) / 1e9,
                        (ready.nanos() - start.nanos()) / 1e9,
                        ready.events() - before),
                String.format(Locale.ROOT, "≥ %.0f/s", PER_SECOND),
                last.events() >= all && rate >= PER_SECOND);
    }

    private static long held(Admin region, List<String> meshes) {
        return meshes.stream()
                .mapToLong(mesh -> region.mesh(mesh).getPosition().getSeq())
                .sum();
    }

    private static void write(Admin home, List<String> meshes, int events) {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int client = 0; client < CLIENTS; client++) {
                int number = client;
                executor.execute(() -> {
                    for (int i = number; i < events; i += CLIENTS) {
                        // Each of one client is another change of the same object.
                        home.apply(
                                meshes.get(number % meshes.size()),
                                Workload.virtualService("default", number, i / CLIENTS % 101));
                    }
                });
            }
        }
    }
}
