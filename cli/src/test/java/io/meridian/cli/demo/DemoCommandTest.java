package io.meridian.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.type.v1.Position;
import io.meridian.api.type.v1.ProxyStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DemoCommandTest {
    @TempDir
    private Path data;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void endAll() {
        new DemoProcesses(new StateFile(data)).stopAll(Duration.ZERO);
    }

    @Test
    void withoutDataTheCommandsSayHowToStart() {
        for (String verb : List.of("status", "kill-region eu-1", "start-region eu-1")) {
            assertThat(run(verb.split(" ", -1))).as(verb).isEqualTo(2);
            assertThat(err.toString()).contains("no demo has been started with the data in " + data, "./meridian demo");
        }
        assertThat(run("down")).isZero();
        assertThat(out.toString()).contains("the demo does not run");
    }

    @Test
    void aStoppedDemosStatusHasAllFieldsAndEndsWithOne() throws IOException {
        DemoLayout layout = DemoLayout.choose(data, Examples.bookinfo());

        assertThat(run("status", "-o", "json")).isEqualTo(1);

        JsonNode status = new ObjectMapper().readTree(out.toString());
        assertThat(status.path("running").asBoolean()).isFalse();
        assertThat(status.path("regions"))
                .hasSize(3)
                .allSatisfy(region -> assertThat(region.path("state").asText()).isEqualTo("stopped"));
        assertThat(status.path("proxies"))
                .hasSize(7)
                .allSatisfy(proxy -> assertThat(proxy.path("state").asText()).isEqualTo("DISCONNECTED"));
        assertThat(status.path("ingressUrl").asText()).isEqualTo("http://127.0.0.1:" + layout.ingressPort());
        assertThat(status.path("adminAddresses").path(0).asText())
                .isEqualTo(layout.home().adminAddress());
        assertThat(status.path("xdsAddresses")).hasSize(3);
    }

    @Test
    void aRunningRegionIsAskedForTheProxies() throws IOException {
        DemoLayout layout = DemoLayout.choose(data, Examples.bookinfo());
        start("us-1");
        String node = new DemoProxies(layout).nodeId(layout.ingress());
        try (FakeAdmin admin = new FakeAdmin(layout.region("us-1").admin())) {
            admin.meshState = Mesh.State.ACTIVE;
            admin.proxies = List.of(ProxyStatus.newBuilder()
                    .setNode(node)
                    .setState(ProxyStatus.State.SYNCED)
                    .setRegion("us-1")
                    .setProtocol("DELTA")
                    .setAcknowledged(Position.newBuilder()
                            .setMesh("bookinfo")
                            .setEpoch(1)
                            .setSeq(7))
                    .build());

            assertThat(run("status", "-o", "json")).isEqualTo(1);
            assertThat(run("status")).isEqualTo(1);
        }
        String printed = out.toString();
        JsonNode status = new ObjectMapper().readTree(printed);
        assertThat(status.path("regions").path(0).path("position").path("seq").asLong())
                .isEqualTo(9);
        assertThat(status.path("regions").path(1).path("state").asText()).isEqualTo("running");
        JsonNode proxy = status.path("proxies").path(0);
        assertThat(proxy.path("node").asText()).isEqualTo(node);
        assertThat(proxy.path("state").asText()).isEqualTo("SYNCED");
        assertThat(proxy.path("position").path("epoch").asLong()).isEqualTo(1);
        assertThat(proxy.path("position").path("seq").asLong()).isEqualTo(7);
        assertThat(printed)
                .contains("mesh bookinfo, home eu-1, position 1.9")
                .containsPattern("ingressgateway +k8s-1 +us-1 +DELTA +SYNCED +1\\.7")
                .contains("productpage: " + layout.ingressUrl() + "/productpage");
    }

    @Test
    void aDeletedMeshIsToldAsSuch() throws IOException {
        DemoLayout layout = DemoLayout.choose(data, Examples.bookinfo());
        start("us-1");
        try (FakeAdmin admin = new FakeAdmin(layout.region("us-1").admin())) {
            admin.meshState = Mesh.State.DELETED;

            assertThat(run("status")).isEqualTo(1);
            admin.meshState = null;
            assertThat(run("status")).isEqualTo(1);
        }
        assertThat(out.toString())
                .contains("mesh bookinfo was deleted at 1.9; its history stays readable")
                .contains("mesh bookinfo is not there");
    }

    @Test
    void aLostHomeIsToldWithWhatToDoAboutIt() {
        DemoLayout.choose(data, Examples.bookinfo());
        start("eu-1");

        assertThat(run("kill-region", "eu-1")).isZero();

        assertThat(out.toString())
                .contains("It is the home of mesh bookinfo")
                .contains("./meridian failover --mesh bookinfo --to us-1")
                .contains("./meridian demo start-region eu-1");
    }

    @Test
    void aKilledRegionIsGoneAndAnUnknownOneIsRefused() {
        DemoLayout.choose(data, Examples.bookinfo());
        ProcessId region = start("us-1");

        assertThat(run("kill-region", "mars-1")).isEqualTo(2);
        assertThat(err.toString()).contains("its regions are eu-1, us-1, ap-1");
        assertThat(run("kill-region", "us-1")).isZero();
        assertThat(region.alive()).isFalse();
        assertThat(run("kill-region", "us-1")).isEqualTo(1);
        assertThat(out.toString()).contains("us-1 does not run");
    }

    @Test
    void downEndsWhatAnotherCommandStartedAndKeepsTheData() {
        DemoLayout layout = DemoLayout.choose(data, Examples.bookinfo());
        List<ProcessId> ids = List.of(start("eu-1"), start("bookinfo"));

        assertThat(run("down")).isZero();

        assertThat(out.toString()).contains("the demo has ended");
        assertThat(ids).noneMatch(ProcessId::alive);
        assertThat(DemoLayout.load(data)).contains(layout);
    }

    @Test
    void aSecondStartIsRefusedWhileOneRuns() {
        start("eu-1");

        assertThat(run("--detach")).isEqualTo(2);
        assertThat(err.toString()).contains("the demo runs already", "./meridian demo down");
        assertThat(new StateFile(data).read().isRunning("eu-1")).isTrue();
    }

    @Test
    void aRegionThatDoesNotStartIsToldWithTheEndOfItsLog() throws IOException {
        Path root = Files.createDirectories(data.resolve("home"));
        Path launcher = Files.createFile(
                root.resolve("meridian"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(launcher, "#!/bin/sh\ncat \"$5\"\necho the disk is full\n");
        DemoLayout.choose(data, Examples.bookinfo());
        Map<String, String> environment = Map.of("MERIDIAN_LAUNCHER", launcher.toString());
        Files.createDirectories(root.resolve("examples"));
        Files.createSymbolicLink(root.resolve("examples").resolve("bookinfo"), Examples.bookinfo());

        assertThat(run(environment, "start-region", "us-1")).isEqualTo(2);

        assertThat(err.toString())
                .contains("us-1 ended before it was ready", "the disk is full")
                .contains("name = \"ap-1\", index = 3");
    }

    private int run(String... args) {
        return run(Map.of(), args);
    }

    private int run(Map<String, String> environment, String... args) {
        CommandLine command =
                new CommandLine(new DemoCommand(environment, new PrintWriter(out, true), new PrintWriter(err, true)));
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--data";
        all[args.length + 1] = data.toString();
        return command.execute(all);
    }

    private ProcessId start(String name) {
        return new DemoProcesses(new StateFile(data))
                .start(new DemoProcesses.Spec(
                        name,
                        List.of("sleep", "600"),
                        Map.of(),
                        data.resolve("logs").resolve(name + ".log"),
                        false))
                .id();
    }
}
