package io.meridian.cli.demo;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the demo finds what it runs.
 *
 * @param launcher the script {@code meridian}
 * @param examples the folder {@code examples/bookinfo}
 * @param dataRoot the folder {@code .meridian}, for what is made and can be made again
 */
public record DemoHome(Path launcher, Path examples, Path dataRoot) {
    private static final String LAUNCHER = "meridian";
    /** Set by the launcher: its own folder. */
    private static final String HOME_PROPERTY = "meridian.home";

    private static final Path EXAMPLES = Path.of("examples", "bookinfo");

    /**
     * By the environment's MERIDIAN_LAUNCHER, else the launcher's system property meridian.home, else upwards from where this class was loaded from, else from the current folder. MERIDIAN_HOME
     * moves the data only. Throws DemoException where there is none.
     */
    public static DemoHome locate(Map<String, String> environment) {
        Path root = Optional.ofNullable(environment.get("MERIDIAN_LAUNCHER"))
                .map(launcher -> Path.of(launcher).toAbsolutePath().getParent())
                .or(() -> Optional.ofNullable(System.getProperty(HOME_PROPERTY)).map(Path::of))
                .or(() -> upwards(codeSource()))
                .or(() -> upwards(Path.of("").toAbsolutePath()))
                .orElseThrow(() -> new DemoException("cannot find the folder with the script 'meridian' and " + EXAMPLES
                        + "; run the demo as ./meridian demo, or set MERIDIAN_LAUNCHER to the script"));
        Path launcher = Optional.ofNullable(environment.get("MERIDIAN_LAUNCHER"))
                .map(Path::of)
                .orElse(root.resolve(LAUNCHER));
        Path dataRoot = Optional.ofNullable(environment.get("MERIDIAN_HOME"))
                .map(home -> Path.of(home).toAbsolutePath())
                .orElse(root);
        return new DemoHome(launcher.toAbsolutePath(), root.resolve(EXAMPLES), dataRoot.resolve(".meridian"));
    }

    /** Where the demo keeps its data unless told otherwise. */
    public Path defaultData() {
        return dataRoot.resolve("demo");
    }

    /** Where Envoy's wheel goes; all demos share it. */
    public Path envoyFolder() {
        return dataRoot.resolve("envoy");
    }

    /**
     * Bookinfo's jar: next to ours, where the launcher puts what belongs together and no later build touches it, else where Maven leaves it. Throws
     * DemoException if it has not been built.
     */
    public Path bookinfoJar() {
        Path target = examples.resolve("app").resolve("target");
        return Optional.ofNullable(codeSource().getParent())
                .flatMap(DemoHome::bookinfoJarIn)
                .or(() -> bookinfoJarIn(target))
                .orElseThrow(() -> new DemoException(
                        "there is no bookinfo-app jar in " + target + "; build it with: mvn -DskipTests package"));
    }

    private static Optional<Path> bookinfoJarIn(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(DemoHome::isBookinfoJar).max(Comparator.comparing(Path::getFileName));
        } catch (IOException e) {
            throw new DemoException("cannot read " + folder + ": " + e.getMessage(), e);
        }
    }

    private static boolean isBookinfoJar(Path file) {
        return file.getFileName().toString().matches("bookinfo-app-.*(?<!-sources|-javadoc|-tests)\\.jar");
    }

    private static Optional<Path> upwards(Path from) {
        for (Path folder = from; folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve(EXAMPLES))) {
                return Optional.of(folder);
            }
        }
        return Optional.empty();
    }

    private static Path codeSource() {
        try {
            return Path.of(DemoHome.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
