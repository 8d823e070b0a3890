package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.cli.fixture.AdminServer;
import io.meridian.cli.fixture.Cli;
import io.meridian.cli.fixture.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextVerbTest {
    @TempDir
    Path config = Path.of("");

    private Run run(String... args) {
        return new Cli().with("XDG_CONFIG_HOME", config.toString()).run(args);
    }

    @Test
    void theFirstContextBecomesTheCurrentOne() throws IOException {
        assertThat(run("context", "list"))
                .isEqualTo(new Run(0, "", "No contexts. 'meridian context set NAME --server HOST:PORT' makes one.\n"));
        assertThat(run("context", "set", "dev", "--server", "127.0.0.1:1", "--mesh", "bookinfo")
                        .out())
                .isEqualTo("context dev set\n");
        run("context", "set", "prod", "--server", "10.0.0.1:15080,10.0.0.2:15080");
        assertThat(run("context", "list").out()).isEqualTo("""
                        CURRENT   NAME   SERVER                          MESH
                        *         dev    127.0.0.1:1                     bookinfo
                        -         prod   10.0.0.1:15080,10.0.0.2:15080   -
                        """);
        assertThat(Files.readString(config.resolve("meridian/contexts.yaml"))).startsWith("current: dev\n");
    }

    @Test
    void setKeepsWhatIsNotGiven() {
        run("context", "set", "dev", "--server", "127.0.0.1:1", "--mesh", "a");
        run("context", "set", "dev", "--mesh", "b");
        assertThat(run("context", "list", "-o", "json").out())
                .contains("\"server\": \"127.0.0.1:1\"")
                .contains("\"mesh\": \"b\"")
                .contains("\"current\": true");
        assertThat(run("context", "set", "dev").exitCode()).isEqualTo(2);
        assertThat(run("context", "set", "dev", "--server", "nonsense").exitCode())
                .isEqualTo(2);
    }

    @Test
    void useAndDeleteWantAKnownName() {
        run("context", "set", "dev", "--server", "127.0.0.1:1");
        run("context", "set", "prod", "--server", "127.0.0.1:2");
        assertThat(run("context", "use", "prod").out()).isEqualTo("context prod is now the current one\n");
        assertThat(run("context", "use", "test").exitCode()).isEqualTo(4);
        assertThat(run("context", "delete", "prod").exitCode()).isZero();
        assertThat(run("context", "list", "-o", "name").out()).isEqualTo("dev\n");
        assertThat(run("context", "list").out()).doesNotContain("*");
        assertThat(run("context", "delete", "prod").exitCode()).isEqualTo(4);
    }

    @Test
    void commandsUseTheCurrentContextUnlessToldOtherwise() {
        String first = AdminServer.nowhere();
        String second = AdminServer.nowhere();
        run("context", "set", "one", "--server", first, "--mesh", "bookinfo");
        run("context", "set", "two", "--server", second);
        assertThat(run("proxies").err()).contains(first);
        assertThat(run("--context", "two", "mesh", "list").err()).contains(second);
        assertThat(run("--context", "two", "proxies").err()).contains("which mesh?");
        assertThat(run("--server", second, "proxies").err()).contains(second);
        assertThat(run("--context", "three", "mesh", "list").err()).contains("there is no context \"three\"");
    }

    @Test
    void aBrokenFileIsNamedWithTheLine() throws IOException {
        Path file = config.resolve("meridian/contexts.yaml");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "current: dev\ncontexts: [\n");
        Run run = run("context", "list");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("error: " + file + ":3:1: not YAML: ");
        Files.writeString(file, "contexts: 5\n");
        assertThat(run("mesh", "list").err()).isEqualTo("error: " + file + ": contexts has to be a mapping\n");
    }
}
