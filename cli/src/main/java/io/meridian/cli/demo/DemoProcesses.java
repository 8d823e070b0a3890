package io.meridian.cli.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Starts and ends the demo's processes. Each is recorded before it is heard of, so that another command, or the next start, can end it whatever
 * happens to this one. Thread-safe.
 *
 * <p>Each runs in a session of its own, so that a terminal's Ctrl-C reaches only the demo, which then ends them in order. Processes that are tied to
 * this one are killed by the kernel if it dies without ending them (PR_SET_PDEATHSIG). The kernel counts the death of the starting thread, so one
 * thread that lives as long as this process starts them all.
 */
final class DemoProcesses {
    private static final Duration POLL = Duration.ofMillis(25);
    private static final Duration AFTER_KILL = Duration.ofSeconds(5);
    private static final long MAX_LOG_BYTES = 16L << 20;
    private static final int LOG_LINES_SHOWN = 15;
    private static final String SETSID = "/usr/bin/setsid";
    private static final String SETPRIV = "/usr/bin/setpriv";

    private final StateFile state;
    private final ExecutorService starter = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("process-starter").factory());
    private boolean closing;

    DemoProcesses(StateFile state) {
        this.state = state;
    }

    /**
     * @param log output is appended to it
     * @param environment added to this process's
     * @param tied whether it dies with this process
     */
    record Spec(String name, List<String> command, Map<String, String> environment, Path log, boolean tied) {
        Spec {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }
    }

    /** @param logStart bytes that the log had before */
    record Running(String name, ProcessId id, Path log, long logStart) {}

    /** Throws DemoException if it cannot be started, or after {@link #stopAll}. */
    Running start(Spec spec) {
        try {
            return starter.submit(() -> launch(spec)).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoException("interrupted while " + spec.name() + " was started", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof DemoException known
                    ? known
                    : new DemoException("cannot start " + spec.name() + ": " + e.getCause(), e);
        }
    }

    /** Waits for a line of its log that starts with {@code prefix}. Throws DemoException with the log's end if it does not come. */
    void awaitLine(Running process, String prefix, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            // Asked before the log is read: what it wrote before it ended is in the log then.
            boolean alive = process.id().alive();
            if (newLines(process).stream().anyMatch(line -> line.startsWith(prefix))) {
                return;
            }
            if (!alive) {
                throw new DemoException(process.name() + " ended before it was ready" + logEnd(process));
            }
            if (System.nanoTime() > deadline) {
                throw new DemoException(
                        process.name() + " was not ready within " + timeout.toSeconds() + " s" + logEnd(process));
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    /** SIGKILL, at once. False if it does not run. */
    boolean kill(String name) {
        DemoState.Started started = state.read().processes().get(name);
        if (started == null || !started.id().alive()) {
            return false;
        }
        end(List.of(started.id()), Duration.ZERO);
        state.update(now -> now.without(name));
        return true;
    }

    /** Ends all that are recorded, and lets no more be started. SIGTERM, and SIGKILL for what runs after {@code grace}. */
    void stopAll(Duration grace) {
        synchronized (this) {
            closing = true;
        }
        Map<String, DemoState.Started> processes = state.read().processes();
        end(processes.values().stream().map(DemoState.Started::id).toList(), grace);
        state.update(now -> {
            DemoState next = now.supervisedBy(null);
            for (String name : processes.keySet()) {
                next = next.without(name);
            }
            return next;
        });
    }

    static void end(Collection<ProcessId> ids, Duration grace) {
        List<ProcessHandle> handles = new ArrayList<>();
        for (ProcessId id : ids) {
            // A launcher script that is no exec has the real one below it.
            id.handle().ifPresent(handle -> {
                handle.descendants().forEach(handles::add);
                handles.add(handle);
            });
        }
        if (grace.isPositive()) {
            handles.forEach(ProcessHandle::destroy);
            await(handles, grace);
        }
        handles.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
        await(handles, AFTER_KILL);
    }

    private static void await(List<ProcessHandle> handles, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (handles.stream().anyMatch(DemoProcesses::isAlive) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    /** Where nobody collects orphans, as in some containers, what was killed stays as a zombie, which Java takes for alive. */
    private static boolean isAlive(ProcessHandle handle) {
        return handle.isAlive() && ProcessId.of(handle.pid()).isPresent();
    }

    private synchronized Running launch(Spec spec) throws IOException {
        if (closing) {
            throw new DemoException("the demo is ending; " + spec.name() + " is not started");
        }
        Files.createDirectories(spec.log().toAbsolutePath().getParent());
        if (Files.exists(spec.log()) && Files.size(spec.log()) > MAX_LOG_BYTES) {
            Files.delete(spec.log());
        }
        long logStart = Files.exists(spec.log()) ? Files.size(spec.log()) : 0;
        ProcessBuilder builder = new ProcessBuilder(command(spec))
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(spec.log().toFile()));
        builder.environment().putAll(spec.environment());
        Process process = builder.start();
        Optional<ProcessId> id = ProcessId.of(process.pid());
        if (id.isEmpty()) {
            await(process);
            throw new DemoException(spec.name() + " ended at once; see " + spec.log());
        }
        state.update(now ->
                now.with(spec.name(), new DemoState.Started(id.get(), spec.log().toString())));
        return new Running(spec.name(), id.get(), spec.log(), logStart);
    }

    private static void await(Process process) {
        try {
            process.waitFor(AFTER_KILL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<String> command(Spec spec) {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(Path.of(SETSID))) {
            command.add(SETSID);
        }
        if (spec.tied() && Files.isExecutable(Path.of(SETPRIV))) {
            command.addAll(List.of(SETPRIV, "--pdeathsig", "KILL"));
        }
        command.addAll(spec.command());
        return command;
    }

    private static List<String> newLines(Running process) {
        try (var in = Files.newInputStream(process.log())) {
            in.skipNBytes(process.logStart());
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            // Not there yet.
            return List.of();
        }
    }

    private static String logEnd(Running process) {
        List<String> lines = newLines(process);
        Stream<String> last = lines.stream().skip(Math.max(0, lines.size() - LOG_LINES_SHOWN));
        return "; its log " + process.log() + " ends with:\n"
                + String.join("\n", last.map(line -> "  " + line).toList());
    }
}
