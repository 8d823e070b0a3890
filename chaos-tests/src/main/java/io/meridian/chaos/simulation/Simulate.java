package io.meridian.chaos.simulation;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command. Prints to standard output; ends with 0 where every invariant held, else with 1, the failing seed and its trace. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description =
                "Runs the protocol between simulated regions, one run for each seed, and checks the invariants of docs/replication.md.")
public final class Simulate implements Callable<Integer> {
    @Option(names = "--seeds", defaultValue = "1000", description = "How many runs (default: ${DEFAULT-VALUE}).")
    private long seeds;

    @Option(names = "--from-seed", defaultValue = "1", description = "The first seed (default: ${DEFAULT-VALUE}).")
    private long fromSeed;

    @Option(
            names = "--mutant",
            defaultValue = "NONE",
            description = "Plants a bug, or each of them in turn with ALL: ${COMPLETION-CANDIDATES}.")
    private String mutant = "NONE";

    @Option(names = "--threads", defaultValue = "0", description = "0: one for each processor.")
    private int threads;

    @Option(
            names = "--trace",
            defaultValue = "150",
            description = "Lines of the trace of a failing seed (default: ${DEFAULT-VALUE}).")
    private int traceLines;

    @Option(names = "--all", description = "Goes on after a failing seed, and tells each in a line.")
    private boolean all;

    @Option(
            names = "--old-disks",
            description =
                    "Also in seeds that change members a disk may go back to an older copy. docs/simulation.md says what that still breaks.")
    private boolean oldDisks;

    @Option(names = "--no-shrink", description = "Shows the failing scenario as it was drawn.")
    private boolean noShrink;

    private Simulate() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Simulate()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        if (mutant.equals("ALL")) {
            return everyMutant();
        }
        return simulate(Mutant.valueOf(mutant));
    }

    private int everyMutant() {
        List<Mutant> planted = Arrays.stream(Mutant.values())
                .filter(each -> each != Mutant.NONE)
                .toList();
        int caught = 0;
        for (Mutant each : planted) {
            Kill kill = Kill.within(each, fromSeed, seeds);
            System.out.println(kill.line());
            caught += kill.caught() ? 1 : 0;
        }
        System.out.println("killed " + caught + " of " + planted.size() + " mutants");
        return caught == planted.size() ? 0 : 1;
    }

    private int simulate(Mutant planted) throws InterruptedException {
        long began = System.nanoTime();
        AtomicLong next = new AtomicLong(fromSeed);
        AtomicReference<Figures> figures = new AtomicReference<>(Figures.NOTHING);
        ConcurrentSkipListMap<Long, InvariantViolation> failures = new ConcurrentSkipListMap<>();
        int workers = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        try (ExecutorService executor = Executors.newFixedThreadPool(workers)) {
            List<Future<?>> running = IntStream.range(0, workers)
                    .<Future<?>>mapToObj(worker -> executor.submit(() -> work(planted, next, figures, failures)))
                    .toList();
            for (Future<?> worker : running) {
                worker.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a worker failed", e.getCause());
        }
        failures.forEach((seed, violation) -> System.out.println("seed " + seed + ": " + violation.invariant()
                + " at step " + violation.step() + ": " + violation.getMessage()));
        if (!failures.isEmpty() && !all) {
            Failure.of(Scenario.of(failures.firstKey(), oldDisks), planted, !noShrink)
                    .print(System.out, traceLines);
        }
        System.out.println(Objects.requireNonNull(figures.get()).line((System.nanoTime() - began) / 1e9));
        return failures.isEmpty() ? 0 : 1;
    }

    private void work(
            Mutant planted,
            AtomicLong next,
            AtomicReference<Figures> figures,
            ConcurrentSkipListMap<Long, InvariantViolation> failures) {
        for (long seed = next.getAndIncrement();
                seed < fromSeed + seeds && (all || failures.isEmpty());
                seed = next.getAndIncrement()) {
            try {
                Figures run = Simulation.run(Scenario.of(seed, oldDisks), planted, null);
                figures.accumulateAndGet(run, Figures::plus);
            } catch (InvariantViolation e) {
                failures.put(seed, e);
            }
        }
    }
}
