package io.meridian.chaos.region;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** One life of a region or a gateway, started by the launcher, which becomes the server's JVM: signals to it reach the server. Thread-safe. */
final class ServerProcess {
    /** Also on a machine that is busy with other things. */
    private static final Duration START = Duration.ofMinutes(2);

    private static final Duration END = Duration.ofSeconds(30);

    private final Process process;

    private ServerProcess(Process process) {
        this.process = process;
    }

    /**
     * Returns when it is ready.
     *
     * @param arguments of the launcher
     * @param log what it writes to stderr is appended there
     * @param spawned told of the process at once
     */
    static ServerProcess start(Launch launch, List<String> arguments, Path log, Consumer<Process> spawned)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(launch.prefix());
        command.add(launch.launcher().toString());
        command.addAll(arguments);
        command.addAll(List.of("--heap", launch.heap()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("MERIDIAN_NO_BUILD", "1");
        builder.environment().put("MERIDIAN_JAVA_OPTS", launch.javaOptions());
        Process process = builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        spawned.accept(process);
        try {
            String line = firstLine(process).get(START.toSeconds(), TimeUnit.SECONDS);
            if (!line.startsWith("ready")) {
                throw new IOException("no ready line but \"" + line + "\"; its log is " + log);
            }
            return new ServerProcess(process);
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new IOException("did not get ready within " + START + "; its log is " + log, e);
        } catch (IOException | InterruptedException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static CompletableFuture<String> firstLine(Process process) {
        CompletableFuture<String> line = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                BufferedReader out =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                String read = out.readLine();
                line.complete(read == null ? "" : read);
            } catch (IOException e) {
                line.completeExceptionally(e);
            }
        });
        return line;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void kill9() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM, and if that does not help, SIGKILL. Whether SIGTERM was enough. */
    boolean terminate() throws InterruptedException {
        process.destroy();
        boolean ended = process.waitFor(END.toSeconds(), TimeUnit.SECONDS);
        if (!ended) {
            kill9();
        }
        return ended;
    }

    void pause() throws IOException, InterruptedException {
        Tool.run("kill", "-STOP", Long.toString(process.pid()));
    }

    void resume() throws IOException, InterruptedException {
        Tool.run("kill", "-CONT", Long.toString(process.pid()));
    }

    /**
     * From now on no file of it grows beyond {@code bytes}: a write there fails as if the disk was full.
     *
     * @param bytes or "unlimited"
     * @throws IOException also where util-linux's prlimit is not installed
     */
    void limitFileSize(String bytes) throws IOException, InterruptedException {
        Tool.run("prlimit", "--pid", Long.toString(process.pid()), "--fsize=" + bytes + ":unlimited");
    }
}
