package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.cli.fixture.Cli;
import io.meridian.cli.fixture.Run;
import io.meridian.cli.session.Console;
import io.meridian.cli.session.Session;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    @Test
    void helpListsEveryVerbAndTheExitCodes() {
        Run run = new Cli().run("--help");
        assertThat(run.exitCode()).isZero();
        for (Class<?> verb : Verbs.all()) {
            assertThat(run.out())
                    .contains("\n  "
                            + verb.getAnnotation(picocli.CommandLine.Command.class)
                                    .name());
        }
        assertThat(run.out()).contains("Exit codes: 0 done; 1 differs or not yet; 2 wrong usage;");
        assertThat(new Cli().run().out()).isEqualTo(run.out());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mesh create",
                "mesh list",
                "mesh get",
                "mesh update",
                "mesh upgrade",
                "mesh delete",
                "cluster add",
                "cluster list",
                "cluster get",
                "cluster update",
                "cluster remove",
                "namespace create",
                "ns list",
                "ns get",
                "ns update",
                "ns delete",
                "gateway deploy",
                "gateway list",
                "gateway get",
                "gateway update",
                "gateway uninstall",
                "inventory apply",
                "inventory list",
                "inventory delete",
                "apply",
                "validate",
                "get",
                "delete",
                "rollback",
                "history",
                "show",
                "diff",
                "wait",
                "proxies",
                "proxy-config",
                "pc",
                "regions",
                "context list",
                "context use",
                "context set",
                "context delete",
                "completion",
                "version"
            })
    void everyVerbExplainsItself(String verb) {
        Run run = new Cli().run((verb + " --help").split(" ", -1));
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).startsWith("Usage: meridian ").contains("--server");
    }

    @Test
    void aMistypedVerbGetsASuggestion() {
        Run run = new Cli().run("aply", "-f", "x");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .startsWith("error: \"aply\" is no verb of meridian\nDid you mean: meridian apply")
                .endsWith("Try 'meridian --help'.\n");
        assertThat(new Cli().run("version", "now").err()).startsWith("error: \"now\" is one too many\n");
        assertThat(new Cli().run("mesh", "creat", "x").err()).contains("mesh create");
    }

    @Test
    void aGroupAloneSaysWhatItHas() {
        assertThat(new Cli().run("mesh"))
                .isEqualTo(
                        new Run(
                                2,
                                "",
                                "error: which of create, list, get, update, set-durability, set-rollout, upgrade, delete?\nTry 'meridian mesh --help'.\n"));
    }

    @Test
    void anUnknownOptionIsAMistake() {
        Run run = new Cli().run("mesh", "list", "--frob");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("Unknown option: '--frob'").contains("Try 'meridian mesh list --help'.");
    }

    @Test
    void aDurationNeedsAUnit() {
        Run run = new Cli().run("--timeout", "5", "mesh", "list");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("\"5\" is not a length of time (500ms, 10s, 2m)");
    }

    @Test
    void theVersionIsTheBuildsOwn() {
        assertThat(new Cli().run("version").out()).matches("meridian \\d+\\.\\d+\\.\\d+.*\n");
        assertThat(new Cli().run("--version").out())
                .isEqualTo(new Cli().run("version").out());
        assertThat(new Cli().run("version", "-o", "json").out()).contains("\"version\": \"");
    }

    @Test
    void theCompletionScriptIsOneThatBashTakes(@TempDir Path folder) throws IOException, InterruptedException {
        Run run = new Cli().run("completion", "bash");
        assertThat(run.out()).contains("mesh").contains("--expected-position");
        Path script = Files.writeString(folder.resolve("completion"), run.out());
        Process bash = new ProcessBuilder("bash", "-n", script.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(said).isEmpty();
        assertThat(bash.exitValue()).isZero();
        assertThat(new Cli().run("completion", "zsh").exitCode()).isZero();
        assertThat(new Cli().run("completion", "fish").exitCode()).isEqualTo(2);
    }

    @Test
    void aClosedPipeEndsItQuietly() {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(InputStream.nullInputStream(), closed, err, false, false);
        try (Session session = new Session(console, Map.of(), Clock.systemUTC())) {
            assertThat(Meridian.run(session, "completion", "bash")).isEqualTo(141);
        }
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }
}
