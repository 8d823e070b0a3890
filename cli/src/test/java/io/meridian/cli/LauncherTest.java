package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.cli.fixture.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script itself, in a copy of the repository's shape, with a JDK and a Maven that only say what they were asked for. */
class LauncherTest {
    /** Says its arguments; makes the cache that a training run would make, and is ready as a server would be. */
    private static final String FAKE_JAVA = """
            #!/bin/sh
            for argument in "$@"; do
              case $argument in -XX:AOTCacheOutput=* | -XX:ArchiveClassesAtExit=*) echo cache >"${argument#*=}" && echo ready ;; esac
            done
            echo "java $*"
            """;
    /** Builds jars as the real one does, with a content that is new each time. */
    private static final String FAKE_MAVEN = """
            #!/bin/sh
            echo "mvn $*" >>"$MAVEN_CALLS"
            for module in cli server; do
              mkdir -p $module/target/lib
              date +%N >$module/target/$module-1.jar
              echo a >$module/target/lib/library-2.jar
              cp $module/target/$module-1.jar $module/target/lib/
            done
            [ ! -e fail ] || { echo "[ERROR] a mistake"; exit 1; }
            echo "[INFO] Building cli 1 [2/2]"
            """;

    @TempDir
    Path folder = Path.of("");

    private Path home = Path.of("");
    private Path jdk = Path.of("");

    @BeforeEach
    void layOut() throws IOException {
        home = Files.createDirectories(folder.toRealPath().resolve("a repository"));
        Files.copy(Path.of("..", "meridian"), home.resolve("meridian"));
        write(home.resolve("pom.xml"), "");
        for (String module : List.of("cli", "server")) {
            write(home.resolve(module).resolve("pom.xml"), "");
            write(home.resolve(module).resolve("src/main/A.java"), "");
        }
        jdk = jdk("jdk", "25.0.1+8-LTS");
        script(folder.resolve("bin/mvn"), FAKE_MAVEN);
    }

    private Path jdk(String name, String version) throws IOException {
        Path folderOfJdk = folder.toRealPath().resolve(name);
        script(folderOfJdk.resolve("bin/java"), FAKE_JAVA);
        script(folderOfJdk.resolve("bin/javac"), "#!/bin/sh\n");
        write(folderOfJdk.resolve("release"), "JAVA_VERSION=\"1\"\nJAVA_RUNTIME_VERSION=\"" + version + "\"\n");
        return folderOfJdk;
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void script(Path file, String text) throws IOException {
        write(file, text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Run launch(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        return launch(home.resolve("meridian"), environment, arguments);
    }

    private Run launch(Path script, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", script.toString());
        builder.command().addAll(List.of(arguments));
        builder.directory(folder.toFile());
        Path err = folder.resolve("stderr");
        builder.redirectError(err.toFile());
        builder.environment().remove("JAVA_HOME");
        builder.environment().remove("MERIDIAN_JAVA_OPTS");
        builder.environment().put("MERIDIAN_JAVA_HOME", jdk.toString());
        builder.environment().put("MAVEN_CALLS", folder.resolve("maven-calls").toString());
        builder.environment()
                .put("PATH", folder.resolve("bin") + ":" + builder.environment().get("PATH"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), out, Files.readString(err));
    }

    private long builds() throws IOException {
        Path calls = folder.resolve("maven-calls");
        return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
    }

    @Test
    void itPrintsTheJdkThatItFound() throws Exception {
        assertThat(launch(Map.of(), "--print-java-home")).isEqualTo(new Run(0, jdk + "\n", ""));
        Path late = jdk("late", "26");
        assertThat(launch(Map.of("MERIDIAN_JAVA_HOME", "", "JAVA_HOME", late.toString()), "--print-java-home")
                        .out())
                .isEqualTo(late + "\n");
    }

    @Test
    void anOldJdkIsRefusedByName() throws Exception {
        Path old = jdk("old", "17.0.15+6");
        Run run = launch(Map.of("MERIDIAN_JAVA_HOME", old.toString()), "version");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(old + " is not a JDK of 25 or later (it is 17.0.15+6)");
    }

    @Test
    void itBuildsOnceAndAgainWhenASourceIsNewer() throws Exception {
        Run first = launch(Map.of(), "mesh", "list", "two words");
        assertThat(first.exitCode()).isZero();
        assertThat(first.err()).contains("building with").contains("[2/2] cli");
        assertThat(first.out()).endsWith(" io.meridian.cli.Meridian mesh list two words\n");
        assertThat(first.out()).contains("-XX:SharedArchiveFile=").contains("library-2.jar");
        Run second = launch(Map.of(), "mesh", "list", "two words");
        assertThat(second).isEqualTo(new Run(0, first.out(), ""));
        assertThat(builds()).isEqualTo(1);
        Path source = home.resolve("cli/src/main/A.java");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(launch(Map.of("MERIDIAN_NO_BUILD", "1"), "version").err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
        Run third = launch(Map.of(), "mesh", "list");
        assertThat(third.out()).isNotEqualTo(first.out());
        assertThat(builds()).isEqualTo(2);
        try (var kept = Files.list(home.resolve(".meridian/builds"))) {
            // A process of the first build may still run.
            assertThat(kept).hasSize(2);
        }
    }

    @Test
    void aFailedBuildShowsTheMistakeAndLeavesNothing() throws Exception {
        write(home.resolve("fail"), "");
        Run run = launch(Map.of(), "version");
        assertThat(run.exitCode()).isEqualTo(7);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("[ERROR] a mistake").contains("build.log");
        assertThat(home.resolve(".meridian/current")).doesNotExist();
    }

    @Test
    void serversGoToTheirMainClassWithTheirHeap() throws Exception {
        assertThat(launch(Map.of(), "start-dev", "--data", "d", "--heap", "512m", "--admin", "h:1")
                        .out())
                .contains(" -Xmx512m ")
                .endsWith(" io.meridian.server.Main start-dev --data d --admin h:1\n");
        assertThat(launch(Map.of(), "region", "--config", "f").out())
                .contains(" -Xmx384m ")
                .endsWith("io.meridian.server.Main region --config f\n");
        assertThat(launch(Map.of(), "xds-gateway", "--feed", "h:1").out())
                .endsWith("io.meridian.server.Main xds-gateway --feed h:1\n");
        assertThat(launch(Map.of(), "region", "--config", "f").out())
                .contains("server.aot ")
                .doesNotContain(".jsa");
        assertThat(launch(Map.of(), "xds-gateway", "--feed", "h:1").out())
                .contains(" -XX:SharedArchiveFile=", "gateway.jsa ")
                .doesNotContain("server.aot");
        assertThat(launch(Map.of(), "gateway", "list").out()).endsWith("io.meridian.cli.Meridian gateway list\n");
        assertThat(launch(Map.of(), "start-dev", "--heap", "lots").exitCode()).isEqualTo(2);
        assertThat(launch(Map.of("MERIDIAN_JAVA_OPTS", "-Da=1 -Db=2"), "region").out())
                .contains(" -Da=1 -Db=2 ");
    }

    @Test
    void itWorksThroughALinkAndAtTheSameTime() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), home.resolve("meridian"));
        Process[] processes = new Process[4];
        for (int i = 0; i < processes.length; i++) {
            ProcessBuilder builder = new ProcessBuilder("bash", link.toString(), "version");
            builder.environment().put("MERIDIAN_JAVA_HOME", jdk.toString());
            builder.environment()
                    .put("MAVEN_CALLS", folder.resolve("maven-calls").toString());
            builder.environment()
                    .put(
                            "PATH",
                            folder.resolve("bin") + ":" + builder.environment().get("PATH"));
            builder.redirectError(ProcessBuilder.Redirect.DISCARD);
            processes[i] = builder.start();
        }
        for (Process process : processes) {
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .endsWith("io.meridian.cli.Meridian version\n");
            assertThat(process.waitFor()).isZero();
        }
        assertThat(builds()).isEqualTo(1);
    }
}
