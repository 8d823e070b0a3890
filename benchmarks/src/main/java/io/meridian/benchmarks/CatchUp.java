package io.meridian.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** A region is stopped while many events are written, and started again. */
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

    static void measure(RegionSet regions, int events, Scoreboard scoreboard) throws IOException, InterruptedException {
        List<String> meshes =
                IntStream.range(0, MESHES).mapToObj(i -> "bulk-" + i).toList();
        Admin home = regions.admin(HOME);
        Admin replica = regions.admin(REPLICA);
        meshes.forEach(mesh -> home.createMesh(mesh, 0));
        meshes.forEach(regions::awaitEqualHeads);
        long before = held(replica, meshes);
        regions.processes().region(REPLICA).terminate();
        long began = System.nanoTime();
        write(home, meshes, events);
        double written = events / ((System.nanoTime() - began) / 1e9);
        long all = held(home, meshes);

        Sample start = new Sample(System.nanoTime(), before);
        regions.start(REPLICA);
        Sample ready = new Sample(System.nanoTime(), held(replica, meshes));
        Sample first = ready;
        Sample last = ready;
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (last.events() < all && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            last = new Sample(System.nanoTime(), held(replica, meshes));
            first = last.events() == ready.events() ? last : first;
        }
        // Where all was there with the first look, the start of the process is all that is known.
        double rate = Sample.perSecond(first.events() >= all ? start : first, last);
        scoreboard.add(
                "catch-up of a replica that was down for %d events (%d meshes, written at %.0f/s)"
                        .formatted(all - before, MESHES, written),
                String.format(
                        Locale.ROOT,
                        "%.0f events/s; %.1f s from the start of its process, which took %.1f s to be ready with %d of them",
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
