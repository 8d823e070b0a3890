package io.meridian.chaos.region;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Programs of the system that are run to their end. */
final class Tool {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private Tool() {}

    /**
     * What it printed.
     *
     * @throws IOException if there is no such program, or it fails, with what it said
     */
    static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " did not end within " + LIMIT);
        }
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + said.strip());
        }
        return said;
    }

    /** As {@link Life#limitFileSize}, of a process of this machine. */
    static void limitFileSize(long pid, String bytes) throws IOException, InterruptedException {
        run("prlimit", "--pid", Long.toString(pid), "--fsize=" + bytes + ":unlimited");
    }
}
