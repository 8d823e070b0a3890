package io.meridian.benchmarks;

import com.google.protobuf.util.Durations;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MoveHomeReport;
import io.meridian.api.admin.v1.MoveHomeStep;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Moves of a mesh's home between three regions while clients write to it. Used by one thread. */
final class HomeMoves {
    private static final int WRITES_BETWEEN = 5;
    private static final long HANDOVER_P99_MILLIS = 200;
    private static final long FORCED_MILLIS = 2000;
    private static final long AUTOMATIC_MILLIS = 15_000;

    private final RegionSet regions;
    private final String mesh;
    private final RetryingWriters writers;
    private final Scoreboard scoreboard;
    private String home = Regions.NAMES.getFirst();

    /** The home of {@code mesh} is the first region. */
    HomeMoves(RegionSet regions, String mesh, RetryingWriters writers, Scoreboard scoreboard) {
        this.regions = regions;
        this.mesh = mesh;
        this.writers = writers;
        this.scoreboard = scoreboard;
    }

    /** In turn between the three. {@code warmUp}: so many before, not counted. */
    void handovers(int warmUp, int count) {
        Figures reported = new Figures();
        Figures seen = new Figures();
        Map<String, Figures> steps = new LinkedHashMap<>();
        for (int i = -warmUp; i < count; i++) {
            writers.await(WRITES_BETWEEN);
            String to = RegionSet.after(home);
            long from = System.nanoTime();
            List<MoveHomeStep> taken = new ArrayList<>();
            MoveHomeReport report = regions.admin(home).move(false, mesh, to, taken::add);
            long until = System.nanoTime();
            writers.await(WRITES_BETWEEN);
            home = to;
            if (i >= 0) {
                reported.add(Durations.toNanos(report.getWriteGap()));
                taken.forEach(step -> steps.computeIfAbsent(kind(step, to), kind -> new Figures())
                        .add(Durations.toNanos(step.getAt())));
                seen.add(writers.longestGapNanos(from, until));
            }
        }
        gap("write gap of a handover, as reported", reported);
        scoreboard.add(
                "its steps, p50 of the time since the command",
                steps.entrySet().stream()
                        .map(step -> String.format(
                                Locale.ROOT, "%.0f ms: %s", step.getValue().millis(0.5), step.getKey()))
                        .collect(Collectors.joining("; ")));
        gap("write gap of a handover, as clients saw it (longest time between two acknowledgements)", seen);
    }

    /** Without what differs each time. */
    private static String kind(MoveHomeStep step, String to) {
        return step.getWhat()
                .replaceAll(" (since|at) position \\S+", "")
                .replaceAll("epoch \\d+", "its epoch")
                .replace(to, "TO");
    }

    private void gap(String what, Figures figures) {
        scoreboard.add(
                what,
                figures.brief(),
                "p99 ≤ " + HANDOVER_P99_MILLIS + " ms",
                figures.millis(0.99) <= HANDOVER_P99_MILLIS);
    }

    /** Each kills the home, fails over by command to the next region at once, and starts the killed one again. */
    void forced(int rounds) throws IOException, InterruptedException {
        Figures command = new Figures();
        Figures write = new Figures();
        for (int i = 0; i < rounds; i++) {
            String to = RegionSet.after(home);
            long epoch = epoch();
            regions.kill(home);
            long start = System.nanoTime();
            Await.until(
                    "the failover is carried out",
                    () -> Await.holds(() -> {
                        regions.admin(to).move(true, mesh, to, step -> {});
                        return true;
                    }));
            command.add(System.nanoTime() - start);
            write.add(writers.awaitLaterThan(epoch) - start);
            revive(to);
        }
        scoreboard.add("forced failover, home killed: command to its report", command.brief());
        scoreboard.add(
                "forced failover, home killed: command to the first accepted write",
                write.brief(),
                "≤ " + FORCED_MILLIS / 1000 + " s",
                write.millis(1) <= FORCED_MILLIS);
    }

    /**
     * Each kills the home, waits for another to take over, and starts the killed one again.
     *
     * @param settleSeconds before each: a restarted voter grants nothing for a whole lease
     */
    void automatic(int rounds, int settleSeconds) throws IOException, InterruptedException {
        Figures write = new Figures();
        for (int i = 0; i < rounds; i++) {
            TimeUnit.SECONDS.sleep(settleSeconds);
            long epoch = epoch();
            regions.kill(home);
            long start = System.nanoTime();
            write.add(writers.awaitLaterThan(epoch) - start);
            revive(homeNow());
        }
        scoreboard.add(
                "automatic failover, lease 10 s: kill -9 of the home to the first accepted write",
                write.brief(),
                "≤ " + AUTOMATIC_MILLIS / 1000 + " s",
                write.millis(1) <= AUTOMATIC_MILLIS);
    }

    private long epoch() {
        writers.await(WRITES_BETWEEN);
        return regions.admin(home).mesh(mesh).getPosition().getEpoch();
    }

    private String homeNow() {
        return Regions.NAMES.stream()
                .filter(region -> !region.equals(home))
                .map(region -> regions.admin(region).mesh(mesh))
                .max(Comparator.comparingLong(found -> found.getPosition().getEpoch()))
                .map(Mesh::getHomeRegion)
                .orElseThrow();
    }

    /** Starts the killed region; {@code next} is the home from now on. Returns when all have caught up. */
    private void revive(String next) throws IOException, InterruptedException {
        regions.start(home);
        home = next;
        regions.awaitCaughtUp(mesh);
    }
}
