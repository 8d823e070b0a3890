package io.meridian.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs {@code ./meridian} as a user does. Immutable; each run is a process of its own. */
final class Launcher {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration RUN_TIMEOUT = Duration.ofSeconds(90);

    private final Map<String, String> environment;

    /** What a command printed and how it ended. */
    record Result(List<String> command, int exit, String out, String err) {
        Result expect(int code) {
            if (exit != code) {
                throw new AssertionError(
                        command + " ended with " + exit + ", not " + code + "\nstdout: " + out + "\nstderr: " + err);
            }
            return this;
        }

        JsonNode json() {
            try {
                return parse(out);
            } catch (IllegalArgumentException e) {
                throw new AssertionError(command + " did not print JSON: " + out + "\nstderr: " + err, e);
            }
        }
    }

    private Launcher(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException("not JSON: " + json, e);
        }
    }

    /** {@code MERIDIAN_NO_BUILD}: what is tested was built by the build that runs the tests. */
    static Launcher create() {
        return new Launcher(Map.of("MERIDIAN_NO_BUILD", "1"));
    }

    Launcher with(String variable, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(variable, value);
        return new Launcher(more);
    }

    static Path root() {
        String root = System.getProperty("meridian.root");
        if (root == null) {
            throw new IllegalStateException("the build sets the system property meridian.root");
        }
        return Path.of(root).toAbsolutePath().normalize();
    }

    Result run(String... arguments) {
        return run(RUN_TIMEOUT, "", arguments);
    }

    Result run(Duration timeout, String stdin, String... arguments) {
        List<String> command = command(arguments);
        try {
            File out = Files.createTempFile("meridian", ".out").toFile();
            File err = Files.createTempFile("meridian", ".err").toFile();
            try {
                Process process =
                        builder(command).redirectOutput(out).redirectError(err).start();
                try (var in = process.getOutputStream()) {
                    in.write(stdin.getBytes(StandardCharsets.UTF_8));
                } catch (IOException closed) {
                    // A command that does not read its input closes it.
                }
                if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(
                            command + " did not end within " + timeout + "\nstderr: " + Files.readString(err.toPath()));
                }
                return new Result(
                        command, process.exitValue(), Files.readString(out.toPath()), Files.readString(err.toPath()));
            } finally {
                Files.delete(out.toPath());
                Files.delete(err.toPath());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Starts a command that stays; its standard error goes to {@code log}. */
    Process start(Path log, String... arguments) throws IOException {
        return builder(command(arguments))
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private static List<String> command(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(root().resolve("meridian").toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return builder;
    }
}
