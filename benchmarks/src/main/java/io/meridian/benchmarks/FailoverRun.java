package io.meridian.benchmarks;

import io.meridian.chaos.region.Region;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Three regions as processes: how long writes pause when a home moves, what is lost, how far replicas lag; each beside its target. */
@Command(
        name = "failover",
        mixinStandardHelpOptions = true,
        description = "moves of a home, replication and durability between three regions, beside their targets")
final class FailoverRun implements Callable<Integer> {
    private static final String MESH = "moves";
    private static final Duration LEASE = Duration.ofSeconds(10);
    private static final int SETTLE_SECONDS = 13;
    private static final int LAG_RATE = 200;
    private static final double LAG_P99_MILLIS = 50;

    /** What is measured. */
    enum Part {
        LAG,
        HANDOVER,
        FORCED,
        AUTO,
        CATCHUP,
        SYNC
    }

    @Option(names = "--root", required = true, description = "the repository, staged")
    private Path root = Path.of("");

    @Option(names = "--folder", required = true, description = "for data and logs")
    private Path folder = Path.of("");

    @Option(names = "--only", split = ",", description = "some of ${COMPLETION-CANDIDATES}; all if left out")
    private Set<Part> only = EnumSet.allOf(Part.class);

    @Option(names = "--rate", defaultValue = "50", description = "writes per second while a home moves")
    private int rate;

    @Option(names = "--handovers", defaultValue = "100")
    private int handovers;

    @Option(names = "--warm-up-handovers", defaultValue = "15", description = "before those, not counted")
    private int warmUpHandovers;

    @Option(names = "--forced", defaultValue = "5", description = "forced failovers")
    private int forced;

    @Option(names = "--automatic", defaultValue = "2", description = "automatic failovers")
    private int automatic;

    @Option(names = "--seconds", defaultValue = "20", description = "of the lag, and of each part of sync")
    private int seconds;

    @Option(names = "--warm-up-seconds", defaultValue = "40", description = "before the lag, at its rate, not counted")
    private int warmUpSeconds;

    @Option(names = "--events", defaultValue = "30000", description = "that a replica has to catch up")
    private int events;

    @Option(names = "--proxy", negatable = true, defaultValue = "true", fallbackValue = "true")
    private boolean proxy;

    @Override
    public Integer call() throws Exception {
        Scoreboard scoreboard = new Scoreboard();
        String before = load();
        long start = System.nanoTime();
        if (only.stream().anyMatch(part -> part != Part.SYNC)) {
            try (RegionSet regions = new RegionSet(root, folder.resolve("near"), false)) {
                between(regions, scoreboard);
            }
        }
        if (only.contains(Part.SYNC)) {
            SyncCost.measure(root, folder.resolve("far"), seconds, scoreboard);
        }
        System.out.println(scoreboard);
        System.out.printf(
                "%d cores; load of the machine (1, 5, 15 min) %s before, %s after; %d s%n",
                Runtime.getRuntime().availableProcessors(),
                before,
                load(),
                (System.nanoTime() - start) / 1_000_000_000);
        return 0;
    }

    /** Of the whole machine, others included (proc(5)). */
    private static String load() throws IOException {
        return String.join(
                " ",
                List.of(Files.readString(Path.of("/proc/loadavg")).split(" ", -1))
                        .subList(0, 3));
    }

    private void between(RegionSet regions, Scoreboard scoreboard) throws Exception {
        if (only.contains(Part.LAG)) {
            ReplicationRun.Lag lag = ReplicationRun.lag(
                    regions.admin("eu-1"), regions.admin("ap-1"), "lag", LAG_RATE, warmUpSeconds, seconds);
            lag(scoreboard, "acknowledgement", lag.fromAcknowledgement());
            lag(scoreboard, "commit", lag.fromCommit());
        }
        if (only.contains(Part.HANDOVER) || only.contains(Part.FORCED) || only.contains(Part.AUTO)) {
            moves(regions, scoreboard);
        }
        if (only.contains(Part.CATCHUP)) {
            CatchUp.measure(regions, events, scoreboard);
        }
    }

    private static void lag(Scoreboard scoreboard, String from, Figures figures) {
        scoreboard.add(
                "lag at another region, LOCAL, %d commands/s, from the %s at the home".formatted(LAG_RATE, from),
                figures.brief(),
                String.format(Locale.ROOT, "p99 ≤ %.0f ms", LAG_P99_MILLIS),
                figures.millis(0.99) <= LAG_P99_MILLIS);
    }

    private void moves(RegionSet regions, Scoreboard scoreboard) throws Exception {
        List<Region> all = regions.processes().all();
        Product product = new Product(
                root.resolve("meridian"), all.stream().map(Region::admin).toList());
        product.run("mesh", "create", MESH, "--home", "eu-1", "--mtls", "disable");
        regions.awaitEqualHeads(MESH);
        if (!proxy) {
            underLoad(regions, scoreboard);
            return;
        }
        try (ProxyFetches fetches =
                ProxyFetches.start(product, MESH, all.stream().map(Region::xds).toList(), folder.resolve("proxy"))) {
            underLoad(regions, scoreboard);
            fetches.tell(scoreboard);
        }
    }

    private void underLoad(RegionSet regions, Scoreboard scoreboard) throws IOException, InterruptedException {
        Set<String> acknowledged;
        try (RetryingWriters writers = new RetryingWriters(regions.admins(), MESH, rate)) {
            HomeMoves moves = new HomeMoves(regions, MESH, writers, scoreboard);
            if (only.contains(Part.HANDOVER)) {
                moves.handovers(warmUpHandovers, handovers);
                handoversKept(regions, writers.acknowledged(), scoreboard);
            }
            if (only.contains(Part.FORCED)) {
                moves.forced(forced);
            }
            if (only.contains(Part.AUTO)) {
                // Not by the command line: its update is refused whenever a write comes in between.
                regions.admin("eu-1").failOverAutomatically(MESH, LEASE);
                moves.automatic(automatic, SETTLE_SECONDS);
            }
            acknowledged = writers.stop();
        }
        if (only.contains(Part.FORCED) || only.contains(Part.AUTO)) {
            regions.awaitEqualHeads(MESH);
            RegionSet.Kept kept = regions.kept(MESH, acknowledged);
            scoreboard.add(
                    "acknowledged writes (LOCAL) that are neither in force after the failovers nor in a divergent branch",
                    (kept.missing() - kept.listed()) + " of " + acknowledged.size() + "; " + kept.listed()
                            + " in branches",
                    "0 lost silently",
                    kept.missing() == kept.listed());
        }
    }

    private static void handoversKept(RegionSet regions, Set<String> acknowledged, Scoreboard scoreboard)
            throws IOException {
        regions.awaitCaughtUp(MESH);
        RegionSet.Kept kept = regions.kept(MESH, acknowledged);
        scoreboard.add(
                "acknowledged writes that a region's log lacks after the handovers",
                kept.missing() + " of " + acknowledged.size(),
                "0 lost",
                kept.missing() == 0);
    }
}
