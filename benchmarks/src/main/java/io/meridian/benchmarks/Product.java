package io.meridian.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line, as operators type it.
 *
 * @param launcher the script {@code meridian}
 * @param servers admin addresses of regions
 */
record Product(Path launcher, List<String> servers) {
    /** Blocks until it has ended. Throws IllegalStateException with what it said where it fails. */
    void run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("MERIDIAN_SERVER", String.join(",", servers));
        builder.environment().put("MERIDIAN_NO_BUILD", "1");
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command + ": " + said.strip());
        }
    }
}
