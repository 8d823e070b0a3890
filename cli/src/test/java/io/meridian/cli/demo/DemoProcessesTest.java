package io.meridian.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoProcessesTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    private Path data;

    private StateFile state;
    private DemoProcesses processes;

    @BeforeEach
    void make() {
        state = new StateFile(data);
        processes = new DemoProcesses(state);
    }

    @AfterEach
    void endAll() {
        processes.stopAll(Duration.ZERO);
    }

    @Test
    void aStartedProcessIsRecordedAndItsLogTellsWhenItIsReady() {
        DemoProcesses.Running running =
                processes.start(shell("a", "echo starting; echo ready at once; exec sleep 600"));
        processes.awaitLine(running, "ready", SOON);

        assertThat(state.read().isRunning("a")).isTrue();
        assertThat(new StateFile(data).read().processes().get("a"))
                .isEqualTo(new DemoState.Started(running.id(), running.log().toString()));
    }

    @Test
    void theLineOfAnEarlierRunDoesNotCount() {
        processes.awaitLine(processes.start(shell("a", "echo ready; exec sleep 600")), "ready", SOON);
        assertThat(processes.kill("a")).isTrue();

        DemoProcesses.Running second = processes.start(shell("a", "exec sleep 600"));
        assertThatThrownBy(() -> processes.awaitLine(second, "ready", Duration.ofMillis(200)))
                .hasMessageContaining("was not ready");
    }

    @Test
    void whoEndsBeforeItIsReadyIsShownWithItsLastWords() {
        DemoProcesses.Running running = processes.start(shell("a", "read line; echo the disk is full; exit 3"));

        assertThatThrownBy(() -> processes.awaitLine(running, "ready", SOON))
                .isInstanceOf(DemoException.class)
                .hasMessageContaining("a ended before it was ready")
                .hasMessageContaining("the disk is full");
    }

    @Test
    void aKilledProcessHasNoChanceToTidyUp() {
        Path tidy = data.resolve("tidy");
        DemoProcesses.Running running = processes.start(
                shell("a", "trap 'touch " + tidy + "; exit' TERM; echo ready; while :; do sleep 0.05; done"));
        processes.awaitLine(running, "ready", SOON);

        assertThat(processes.kill("a")).isTrue();
        assertThat(running.id().alive()).isFalse();
        assertThat(tidy).doesNotExist();
        assertThat(state.read().processes()).isEmpty();
        assertThat(processes.kill("a")).isFalse();
    }

    @Test
    void allEndAndWhatIgnoresTheSignalIsKilledWithItsChildren() {
        processes.awaitLine(
                processes.start(shell("stubborn", "trap '' TERM; sleep 600 & echo ready; wait; wait; sleep 600")),
                "ready",
                SOON);
        DemoProcesses.Running stubborn = running("stubborn");
        List<ProcessHandle> children = ProcessHandle.of(stubborn.id().pid())
                .orElseThrow()
                .descendants()
                .toList();
        assertThat(children).isNotEmpty();
        processes.start(shell("b", "exec sleep 600"));

        processes.stopAll(Duration.ofMillis(200));

        assertThat(stubborn.id().alive()).isFalse();
        assertThat(children).noneMatch(child -> ProcessId.of(child.pid()).isPresent());
        assertThat(state.read()).isEqualTo(DemoState.NONE);
        assertThatThrownBy(() -> processes.start(shell("late", "exec sleep 600")))
                .hasMessageContaining("is ending");
    }

    @Test
    void aPidThatIsUsedAgainIsNotOurs() {
        DemoProcesses.Running running = processes.start(shell("a", "exec sleep 600"));
        ProcessId reused = new ProcessId(
                running.id().pid(), running.id().startTicks() - 1, running.id().bootId());
        state.update(now -> now.with("a", new DemoState.Started(reused, "")));

        assertThat(processes.kill("a")).isFalse();
        assertThat(running.id().alive()).isTrue();
        ProcessHandle.of(running.id().pid()).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void tiedProcessesDieWithTheirParentEvenIfItIsKilled() throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process parent = new ProcessBuilder(
                        java.toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ParentProgram.class.getName(),
                        data.toString())
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("parent.log").toFile())
                .start();
        try {
            await(() -> state.read().processes().size() == 2);
            ProcessId tied = running("tied").id();
            ProcessId loose = running("loose").id();
            // Not before setpriv has become the program itself.
            await(() -> command(tied).endsWith("sleep"));

            parent.destroyForcibly().waitFor();

            await(() -> !tied.alive());
            assertThat(loose.alive()).isTrue();
        } finally {
            parent.destroyForcibly();
        }
    }

    /** Started by the test above; ends only by being killed. */
    static final class ParentProgram {
        private ParentProgram() {}

        public static void main(String[] args) throws InterruptedException {
            Path data = Path.of(args[0]);
            DemoProcesses processes = new DemoProcesses(new StateFile(data));
            for (boolean tied : new boolean[] {true, false}) {
                processes.start(new DemoProcesses.Spec(
                        tied ? "tied" : "loose", List.of("sleep", "600"), Map.of(), data.resolve("child.log"), tied));
            }
            Thread.currentThread().join();
        }
    }

    @Test
    void concurrentChangesOfTheStateAreAllKept() throws Exception {
        ProcessId gone = new ProcessId(1, 1, "another boot");
        List<Thread> writers = List.of("a", "b", "c", "d").stream()
                .map(writer -> Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 10; i++) {
                        String name = writer + i;
                        state.update(now -> now.with(name, new DemoState.Started(gone, "")));
                    }
                }))
                .toList();
        for (Thread writer : writers) {
            writer.join();
        }

        assertThat(state.read().processes()).hasSize(40);
        assertThat(state.read().anyRunning()).isFalse();
    }

    private DemoProcesses.Running running(String name) {
        DemoState.Started started =
                Optional.ofNullable(state.read().processes().get(name)).orElseThrow();
        return new DemoProcesses.Running(name, started.id(), Path.of(started.log()), 0);
    }

    private DemoProcesses.Spec shell(String name, String script) {
        return new DemoProcesses.Spec(
                name, List.of("/bin/bash", "-c", script), Map.of(), data.resolve(name + ".log"), false);
    }

    private static String command(ProcessId id) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(id.pid()), "exe"))
                    .toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            LockSupport.parkNanos(20_000_000);
        }
    }
}
