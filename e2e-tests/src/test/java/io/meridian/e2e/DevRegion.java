package io.meridian.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A region in a process of its own, as {@code start-dev} makes it. */
final class DevRegion implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Pattern ADDRESS = Pattern.compile("(admin|xds)=(\\S+)");

    private final Process process;
    private final String admin;
    private final String xds;

    private DevRegion(Process process, String ready) {
        this.process = process;
        admin = address(ready, "admin");
        xds = address(ready, "xds");
    }

    static DevRegion start(Path data) throws Exception {
        return start(data, "127.0.0.1:0", "127.0.0.1:0");
    }

    static DevRegion start(Path data, String admin, String xds) throws Exception {
        Path log = data.resolveSibling(data.getFileName() + ".log");
        Process process =
                Launcher.create().start(log, "start-dev", "--data", data.toString(), "--admin", admin, "--xds", xds);
        try {
            return new DevRegion(process, readyLine(process));
        } catch (Exception e) {
            process.destroyForcibly();
            throw new AssertionError("start-dev did not get ready: " + Files.readString(log), e);
        }
    }

    private static String readyLine(Process process) throws Exception {
        return CompletableFuture.supplyAsync(() -> {
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
                })
                .get(START.toSeconds(), TimeUnit.SECONDS);
    }

    private static String address(String ready, String name) {
        Matcher matcher = ADDRESS.matcher(ready);
        while (matcher.find()) {
            if (matcher.group(1).equals(name)) {
                return matcher.group(2);
            }
        }
        throw new IllegalStateException("the ready line names no " + name + " address: " + ready);
    }

    String admin() {
        return admin;
    }

    String xds() {
        return xds;
    }

    Launcher cli() {
        return Launcher.create().with("MERIDIAN_SERVER", admin);
    }

    boolean alive() {
        return process.isAlive();
    }

    void kill9() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM; the exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            throw new AssertionError("SIGTERM did not end it within 20 s");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
