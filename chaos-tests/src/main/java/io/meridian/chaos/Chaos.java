package io.meridian.chaos;

import io.meridian.chaos.check.Checker;
import io.meridian.chaos.check.Collected;
import io.meridian.chaos.history.HistoryReader;
import io.meridian.chaos.history.Recorded;
import io.meridian.chaos.nemesis.Nemeses;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code chaos-tests/chaos}. Exit status: 0 all rules held, 1 one was violated, 2 a bad option, 70 the run itself failed. */
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        description =
                "Three regions and their gateways under faults, and whether they kept their promises. See docs/chaos.md.",
        sortOptions = false)
public final class Chaos implements Callable<Integer> {
    /** All of them. */
    public static final String DEFAULT_NEMESES =
            "kill,blackout,pause,disk-full,slow-disk,restore-old,isolate,cut,one-way,latency,narrow,reset,refuse,half-open,"
                    + "gateway-kill,mangle-records";

    private static final int VIOLATED = 1;
    private static final int USAGE = 2;
    private static final int FAILED = 70;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "5",
            description = "How long faults come, for example 0.5; 5 unless told.")
    private double minutes;

    @Option(names = "--history", paramLabel = "FILE", required = true, description = "Where the history is written.")
    private Path history = Path.of("");

    @Option(names = "--seed", paramLabel = "S", description = "Of the schedule of faults; a random one unless told.")
    private @Nullable Long seed;

    @Option(
            names = "--nemesis",
            paramLabel = "LIST",
            defaultValue = DEFAULT_NEMESES,
            description = "Kinds of faults, separated by commas; \"all\", \"none\". Unless told: " + DEFAULT_NEMESES)
    private String nemesis = DEFAULT_NEMESES;

    @Option(
            names = "--durability",
            paramLabel = "D",
            defaultValue = "mixed",
            description = "local, sync:1, sync:2, or mixed: one of the three meshes sync:1.")
    private String durability = "mixed";

    @Option(
            names = "--moves",
            paramLabel = "M",
            defaultValue = "all",
            description = "none, handover, or all: also forced failovers (default: all).")
    private String moves = "all";

    @Option(
            names = "--network",
            paramLabel = "N",
            defaultValue = "proxies",
            description = "proxies between the regions (default), or namespaces: each region in one of its own; needs"
                    + " root and iproute2, and of the network's faults has isolate, cut and one-way only.")
    private String network = "proxies";

    @Option(
            names = "--regions",
            paramLabel = "R",
            defaultValue = "processes",
            description =
                    "processes (default), or containers: each region and each gateway in one of its own, by the Docker"
                            + " engine of this machine, with an image that is made of this build.")
    private String kind = "processes";

    @Option(names = "--heap", paramLabel = "SIZE", defaultValue = "192m", description = "Of each region.")
    private String heap = "192m";

    @Option(names = "--writers", paramLabel = "N", defaultValue = "12", description = "Clients that write.")
    private int writers;

    @Option(names = "--readers", paramLabel = "N", defaultValue = "3", description = "Clients that read.")
    private int readers;

    @Option(
            names = "--pause-ms",
            paramLabel = "N",
            defaultValue = "50",
            description = "Of a client between two operations.")
    private long pauseMillis;

    @Option(names = "--check-only", description = "Judge what lies in FILE and FILE.d of an earlier run.")
    private boolean checkOnly;

    public static void main(String[] args) {
        int status;
        try {
            status = new CommandLine(new Chaos())
                    .setExecutionExceptionHandler((failure, command, result) -> {
                        failure.printStackTrace(command.getErr());
                        return failure instanceof IllegalArgumentException ? USAGE : FAILED;
                    })
                    .execute(args);
        } catch (Error e) {
            // Not to be taken for a violation.
            e.printStackTrace();
            status = FAILED;
        }
        System.exit(status);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Report report;
        if (checkOnly) {
            report = judge(history);
        } else {
            Settings settings = settings();
            if (settings.kind() == Regions.Kind.CONTAINERS) {
                Optional<String> whyNot = Regions.whyNoContainers();
                if (whyNot.isPresent()) {
                    say("--regions containers is skipped: " + whyNot.get());
                    return USAGE;
                }
            }
            report = perform(settings, Chaos::say);
        }
        report.lines().forEach(System.out::println);
        return report.holds() ? 0 : VIOLATED;
    }

    private Settings settings() {
        return new Settings(
                Path.of(System.getProperty("meridian.root", "."))
                        .toAbsolutePath()
                        .normalize(),
                history.toAbsolutePath(),
                Duration.ofMillis((long) (minutes * 60_000)),
                seed == null ? new Random().nextLong(1_000_000) : seed,
                Nemeses.parse(nemesis),
                Settings.Durability.parse(durability),
                Settings.Moves.parse(moves),
                Settings.kind(kind),
                Settings.between(network),
                heap,
                writers,
                readers,
                Duration.ofMillis(pauseMillis));
    }

    private static void say(String notice) {
        System.err.println("chaos: " + notice);
    }

    /**
     * Runs and judges. What a run leaves in {@link Settings#folder} stays, for whoever wants to look.
     *
     * @param notice told what a person should know while it runs
     */
    static Report perform(Settings settings, Consumer<String> notice) throws IOException, InterruptedException {
        notice.accept("seed " + settings.seed() + ", history " + settings.history());
        Collected collected = new Run(settings, notice).perform();
        Recorded recorded = HistoryReader.read(settings.history());
        return new Report(recorded, Checker.check(recorded, collected));
    }

    private static Report judge(Path history) {
        try {
            Recorded recorded = HistoryReader.read(history);
            Collected collected = Collected.load(
                    Settings.folder(history),
                    recorded.run().meshes().keySet(),
                    recorded.run().regions().keySet());
            return new Report(recorded, Checker.check(recorded, collected));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
