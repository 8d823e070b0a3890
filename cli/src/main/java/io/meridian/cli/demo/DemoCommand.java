package io.meridian.cli.demo;

import io.meridian.cli.session.Session;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** {@code meridian demo} and the commands below it. Results go to stdout, progress and errors to stderr. */
@Command(
        name = "demo",
        description = {
            "Three regions, one mesh and Bookinfo behind real Envoys, on this machine.",
            "Without --detach it stays in the foreground; Ctrl-C ends it. A later start finds its data again."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final int DONE = 0;
    private static final int NOT_YET = 1;
    private static final int FAILED = 2;
    private static final long POLL_NANOS = 500_000_000;

    /** What {@code status -o} takes. */
    enum Format {
        table,
        json
    }

    @Option(names = "--detach", description = "Return once it is ready and let it run; end it with: demo down.")
    boolean detach;

    @Option(names = "--fresh", description = "Forget the data of earlier runs.")
    boolean fresh;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description =
                    "Where its data and logs are; .meridian/demo of the repository (or of $MERIDIAN_HOME) by default.")
    @Nullable
    Path data;

    private final Map<String, String> environment;
    private final PrintWriter out;
    private final PrintWriter err;
    /** That this process ends them: their end is then no news. */
    private volatile boolean ending;

    public DemoCommand() {
        this(
                System.getenv(),
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    }

    DemoCommand(Map<String, String> environment, PrintWriter out, PrintWriter err) {
        this.environment = Map.copyOf(environment);
        this.out = out;
        this.err = err;
    }

    /** Starts it. Returns an exit code. */
    @Override
    public Integer call() {
        return run(this::start);
    }

    @Command(name = "status", description = "What runs, and what the regions say. Ends with 1 if not all of it runs.")
    int status(
            @Option(
                            names = {"-o", "--output"},
                            paramLabel = "FORMAT",
                            defaultValue = "table",
                            description = "table or json")
                    Format format) {
        return run(runner -> {
            DemoStatus status = collect(runner, runner.requireLayout());
            out.println(
                    format == Format.json
                            ? DemoReport.json(status)
                            : DemoReport.text(status).stripTrailing());
            return status.running() ? DONE : NOT_YET;
        });
    }

    @Command(name = "kill-region", description = "Kills a region's process (kill -9), as a crash would.")
    int killRegion(@Parameters(paramLabel = "REGION") String region) {
        return run(runner -> {
            DemoLayout layout = runner.requireLayout();
            DemoStatus.MeshRow mesh = collect(runner, layout).mesh();
            boolean killed = runner.killRegion(region);
            String home = mesh == null ? layout.home().name() : mesh.homeRegion();
            out.println(killed ? DemoReport.killed(layout, region, home) : "region " + region + " does not run");
            return killed ? DONE : NOT_YET;
        });
    }

    @Command(name = "start-region", description = "Starts a region again, and returns when it is ready.")
    int startRegion(@Parameters(paramLabel = "REGION") String region) {
        return run(runner -> {
            out.println(
                    runner.startRegion(region)
                            ? "region " + region + " is ready"
                            : "region " + region + " runs already");
            return DONE;
        });
    }

    @Command(
            name = "load",
            description = {
                "Asks for productpage and changes the mesh at steady rates, and says each second how that goes.",
                "Kill regions or move the home meanwhile. Ends with 1 if a request failed or a change was not acknowledged."
            })
    int load(
            @Option(
                            names = "--seconds",
                            paramLabel = "N",
                            defaultValue = "30",
                            description = "How long; 30 by default.")
                    int seconds,
            @Option(
                            names = "--rate",
                            paramLabel = "N",
                            defaultValue = "20",
                            description = "Requests a second, up to 500; 20 by default.")
                    int rate,
            @Option(
                            names = "--write-every",
                            paramLabel = "MILLIS",
                            defaultValue = "100",
                            description = "From one change to the next, at least; 100 by default.")
                    int writeEvery) {
        return run(runner -> {
            if (seconds < 1 || rate < 1 || rate > 500 || writeEvery < 1) {
                throw new DemoException("--seconds, --rate and --write-every are from 1, --rate up to 500");
            }
            DemoLoad.Settings settings =
                    new DemoLoad.Settings(Duration.ofSeconds(seconds), rate, Duration.ofMillis(writeEvery));
            DemoLoad.Totals totals = new DemoLoad(runner.requireLayout(), settings).run(out::println);
            out.println(totals.text());
            return totals.fine() ? DONE : NOT_YET;
        });
    }

    @Command(
            name = "down",
            description = "Ends all its processes, also those of a demo in the foreground. The data stays.")
    int down() {
        return run(runner -> {
            out.println(runner.down() ? "the demo has ended" : "the demo does not run");
            return DONE;
        });
    }

    private int start(DemoRunner runner) {
        // Armed before anything is started; disarmed where processes are to outlive this one.
        AtomicBoolean stopAtExit = new AtomicBoolean(true);
        Thread hook = new Thread(
                () -> {
                    if (stopAtExit.get()) {
                        ending = true;
                        err.println("ending the demo; the data stays");
                        runner.stop();
                    }
                },
                "demo-shutdown");
        runner.refuseIfRunning();
        Runtime.getRuntime().addShutdownHook(hook);
        boolean started = false;
        try {
            DemoLayout layout = runner.start(fresh, !detach);
            DemoStatus status = collect(runner, layout);
            out.print(DemoReport.text(status));
            String servers = layout.adminAddresses();
            out.print(DemoReport.next(status, detach, servers.equals(Session.DEFAULT_SERVERS) ? null : servers));
            out.flush();
            started = true;
            if (detach) {
                stopAtExit.set(false);
                return DONE;
            }
            return watch(runner);
        } finally {
            if (!started) {
                err.println("ending what has been started");
            }
        }
    }

    /** Until all have ended, or this process is told to: then the shutdown hook ends them. */
    private int watch(DemoRunner runner) {
        DemoState known = runner.state();
        while (true) {
            LockSupport.parkNanos(POLL_NANOS);
            DemoState now = runner.state();
            for (Map.Entry<String, DemoState.Started> process :
                    known.processes().entrySet()) {
                String name = process.getKey();
                if (ending || process.getValue().id().alive()) {
                    continue;
                }
                if (now.processes().containsKey(name) && !now.isRunning(name)) {
                    err.println(name + " has ended by itself; its log: "
                            + process.getValue().log());
                    runner.forget(name);
                } else if (!now.processes().containsKey(name)) {
                    err.println(name + " has been ended");
                }
            }
            known = runner.state();
            if (!ending && !known.anyRunning()) {
                err.println("nothing runs any more");
                return NOT_YET;
            }
        }
    }

    private DemoStatus collect(DemoRunner runner, DemoLayout layout) {
        return DemoStatus.collect(
                layout, runner.state(), dataDir(DemoHome.locate(environment)).toString());
    }

    private Path dataDir(DemoHome home) {
        return data == null ? home.defaultData() : data.toAbsolutePath();
    }

    private int run(ToIntFunction<DemoRunner> action) {
        try {
            DemoHome home = DemoHome.locate(environment);
            return action.applyAsInt(new DemoRunner(home, dataDir(home), new Progress(err)));
        } catch (DemoException e) {
            err.println("error: " + e.getMessage());
            return FAILED;
        } finally {
            out.flush();
            err.flush();
        }
    }
}
