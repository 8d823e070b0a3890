package io.meridian.chaos.region;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerClientException;
import com.github.dockerjava.api.exception.DockerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An image with what a server needs and nothing else: the launcher and what it has staged, this JVM's JDK, what the launcher runs on its
 * way to the JVM, and the libraries that the system's linker finds for these. Each file has the path and the time that it has here, so that the JVM's caches, which know their class path
 * by both, are good there too. It has no base and comes from no registry.
 *
 * @param name REPOSITORY:TAG, another one each time
 */
record ServerImage(DockerClient engine, String name) {
    /** All of them, those of killed runs too, are found by it. */
    static final String REPOSITORY = "meridian-chaos";

    private static final String RECIPE = "Dockerfile";

    static final Path BASH = Path.of("/bin/bash");
    /** Of the launcher. */
    private static final List<Path> PROGRAMS = List.of(BASH, Path.of("/usr/bin/dirname"));

    static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    /** Of a JDK, what no server reads: 64 MB. */
    private static final List<String> NOT_COPIED = List.of("lib/src.zip", "lib/ct.sym", "man");

    private static final Pattern LIBRARY = Pattern.compile("(?:=> |^\\s*)(/\\S+) \\(0x");

    /**
     * @param launcher the script {@code meridian}
     * @param folder for a file that is of no use afterwards
     * @throws IOException if nothing is staged, or the engine does not take it
     */
    static ServerImage create(DockerClient engine, Path launcher, Path folder, Map<String, String> labels)
            throws IOException, InterruptedException {
        Path state = launcher.resolveSibling(".meridian");
        String build = readLine(state.resolve("current"));
        String name = REPOSITORY + ":" + build + "-"
                + Integer.toHexString(ThreadLocalRandom.current().nextInt());
        Set<Path> files = new TreeSet<>(List.of(launcher, state.resolve("current"), JAVA_HOME));
        files.addAll(PROGRAMS);
        files.addAll(staged(state, build));
        files.addAll(libraries());
        Path recipe = folder.resolve(RECIPE);
        Files.writeString(recipe, "FROM scratch\nCOPY . /\n");
        Process tar = new ProcessBuilder(tar(folder, files))
                .redirectError(folder.resolve("tar.log").toFile())
                .start();
        try {
            engine.buildImageCmd(tar.getInputStream())
                    .withTags(Set.of(name))
                    .withLabels(labels)
                    .start()
                    .awaitImageId();
            if (tar.waitFor() != 0) {
                throw new IOException("tar failed: " + Files.readString(folder.resolve("tar.log")));
            }
        } catch (DockerException | DockerClientException e) {
            throw new IOException("the engine did not build the image: " + e.getMessage(), e);
        } finally {
            tar.destroyForcibly();
        }
        return new ServerImage(engine, name);
    }

    private static String readLine(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException("nothing is staged: there is no " + file + " (./meridian stage)");
        }
        return Files.readString(file).strip();
    }

    /** The launcher's build: the list of its jars, which it reads, they, and its caches. */
    private static Collection<Path> staged(Path state, String build) throws IOException {
        Path classPath = state.resolve("builds").resolve(build).resolve("server.classpath");
        List<Path> files = new ArrayList<>();
        files.add(classPath);
        // By its presence the launcher knows that the build is complete.
        files.add(classPath.resolveSibling("cli.classpath"));
        Stream.of(readLine(classPath).split(":", -1)).map(Path::of).forEach(files::add);
        Path caches = state.resolve("aot");
        if (Files.isDirectory(caches)) {
            try (Stream<Path> all = Files.walk(caches)) {
                all.filter(file -> caches.relativize(file).toString().startsWith(build + "-"))
                        .filter(file -> Set.of("server.aot", "gateway.jsa")
                                .contains(file.getFileName().toString()))
                        .forEach(files::add);
            }
        }
        return files;
    }

    private static Set<Path> libraries() throws IOException, InterruptedException {
        Set<Path> libraries = new TreeSet<>();
        try (Stream<Path> all = Files.walk(JAVA_HOME.resolve("lib"))) {
            Stream<Path> programs = Stream.concat(PROGRAMS.stream(), Stream.of(JAVA_HOME.resolve("bin/java")));
            Stream<Path> shared = all.filter(file -> file.toString().endsWith(".so"));
            List<String> command = new ArrayList<>(List.of("ldd"));
            Stream.concat(programs, shared).map(Path::toString).forEach(command::add);
            Tool.run(command.toArray(String[]::new))
                    .lines()
                    .flatMap(line -> LIBRARY.matcher(line).results().map(found -> Path.of(found.group(1))))
                    .filter(file -> !file.startsWith(JAVA_HOME))
                    .forEach(libraries::add);
        } catch (UncheckedIOException e) {
            throw new IOException(e);
        }
        return libraries;
    }

    /** Links become what they point to: the image has no folder that they could point into. */
    private static List<String> tar(Path folder, Set<Path> files) {
        List<String> command = new ArrayList<>(
                List.of("tar", "--create", "--dereference", "--hard-dereference", "--format=gnu", "--file=-"));
        NOT_COPIED.forEach(file -> command.add("--exclude=" + relative(JAVA_HOME.resolve(file))));
        command.addAll(List.of("--directory=" + folder, RECIPE, "--directory=/"));
        files.forEach(file -> command.add(relative(file)));
        return command;
    }

    private static String relative(Path file) {
        return Path.of("/").relativize(file).toString();
    }
}
