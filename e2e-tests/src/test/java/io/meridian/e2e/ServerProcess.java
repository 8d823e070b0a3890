package io.meridian.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A region or a gateway in a process of its own, started by the launcher; ready when this has returned. */
final class ServerProcess implements AutoCloseable {
    static final String ANY_PORT = "127.0.0.1:0";

    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration END = Duration.ofSeconds(20);
    /** Small, as the demo's: several of them share a machine with the tests. */
    private static final String HEAP = "256m";

    private static final String JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -Xss512k";

    private final Process process;
    private final String ready;
    private final Path log;

    private ServerProcess(Process process, String ready, Path log) {
        this.process = process;
        this.ready = ready;
        this.log = log;
    }

    /** {@code start-dev} at ports that the system chooses; more options may follow. */
    static ServerProcess startDev(Path data, String... more) throws Exception {
        return startDevAt(data, ANY_PORT, ANY_PORT, more);
    }

    static ServerProcess startDevAt(Path data, String admin, String xds, String... more) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("start-dev", "--data", data.toString(), "--admin", admin, "--xds", xds));
        arguments.addAll(List.of(more));
        return start(data.resolveSibling(data.getFileName() + ".log"), HEAP, arguments);
    }

    static ServerProcess region(Path config) throws Exception {
        return start(
                config.resolveSibling(config.getFileName() + ".log"),
                HEAP,
                List.of("region", "--config", config.toString()));
    }

    static ServerProcess gateway(Path data, String feed, String xds) throws Exception {
        return gateway(data, feed, xds, HEAP);
    }

    /** {@code heap}: its largest, for example 64m. */
    static ServerProcess gateway(Path data, String feed, String xds, String heap) throws Exception {
        return start(
                data.resolveSibling(data.getFileName() + ".log"),
                heap,
                List.of("xds-gateway", "--data", data.toString(), "--feed", feed, "--xds", xds));
    }

    private static ServerProcess start(Path log, String heap, List<String> arguments) throws Exception {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--heap", heap));
        Process process =
                Launcher.create().with("MERIDIAN_JAVA_OPTS", JAVA_OPTIONS).start(log, all.toArray(String[]::new));
        try {
            return new ServerProcess(process, readyLine(process), log);
        } catch (Exception e) {
            process.destroyForcibly();
            throw new AssertionError(arguments + " did not get ready: " + Files.readString(log), e);
        }
    }

    private static String readyLine(Process process) throws Exception {
        return CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                BufferedReader out = new BufferedReader(
                                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                                String line = out.readLine();
                                if (line == null || !line.startsWith("ready")) {
                                    throw new IllegalStateException("not a ready line: " + line);
                                }
                                return line;
                            } catch (IOException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        // A blocking read would occupy the common pool's few threads.
                        reader -> Thread.ofVirtual().start(reader))
                .get(START.toSeconds(), TimeUnit.SECONDS);
    }

    private String address(String name) {
        Matcher matcher = Pattern.compile("\\b" + name + "=(\\S+)").matcher(ready);
        if (!matcher.find()) {
            throw new IllegalStateException("the ready line names no " + name + " address: " + ready);
        }
        return matcher.group(1);
    }

    /** HOST:PORT of the admin API. */
    String admin() {
        return address("admin");
    }

    String xds() {
        return address("xds");
    }

    String peer() {
        return address("peer");
    }

    Launcher cli() {
        return Launcher.create().with("MERIDIAN_SERVER", admin());
    }

    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** What it has written to its log so far, over all its lives. */
    String log() throws IOException {
        return Files.readString(log);
    }

    void kill9() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM; the exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("SIGTERM did not end it within " + END);
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
