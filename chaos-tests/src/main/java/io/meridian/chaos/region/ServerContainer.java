package io.meridian.chaos.region;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import io.meridian.chaos.region.Containers.Limits;
import io.meridian.chaos.region.Launch.Program;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.startupcheck.StartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.images.RemoteDockerImage;
import org.testcontainers.utility.DockerImageName;

/** A container whose only process, the first of its own namespace, is the server's JVM. It is removed when it has ended. */
final class ServerContainer implements Life {
    /** For temporary files. Not /tmp: it would hide what the image has there, where a build is there. */
    private static final String SCRATCH = "/scratch";

    private static final int KILLED = 128 + 9;

    private final GenericContainer<?> container;
    private final DockerClient engine;
    private final CompletableFuture<String> firstLine = new CompletableFuture<>();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final Path log;

    private ServerContainer(Containers all, Program program) {
        engine = all.image().engine();
        log = program.log();
        RemoteDockerImage image =
                new RemoteDockerImage(DockerImageName.parse(all.image().name())).withImagePullPolicy(any -> false);
        container = new GenericContainer<>(image)
                .withLabel(Containers.LABEL, all.owner())
                .withNetworkMode("host")
                .withEnv("MERIDIAN_NO_BUILD", "1")
                .withEnv("MERIDIAN_JAVA_HOME", ServerImage.JAVA_HOME.toString())
                .withEnv("MERIDIAN_JAVA_OPTS", all.launch().javaOptions() + " -Djava.io.tmpdir=" + SCRATCH)
                .withTmpFs(Map.of(SCRATCH, "rw,exec,mode=1777"))
                .withCommand(command(all, program))
                .withLogConsumer(this::read)
                .withStartupCheckStrategy(new Started())
                .waitingFor(new NoWait())
                .withCreateContainerCmdModifier(create -> configure(create, all.limits(), program));
    }

    /** What Testcontainers has no words for; and its own for files would first try them in an image of a registry. */
    private static void configure(CreateContainerCmd create, Limits limits, Program program) {
        List<Bind> files = new ArrayList<>();
        program.reads().forEach(file -> files.add(bind(file, AccessMode.ro)));
        files.add(bind(program.data(), AccessMode.rw));
        Objects.requireNonNull(create.withUser(limits.user()).getHostConfig())
                .withBinds(files)
                .withReadonlyRootfs(true)
                .withMemory(limits.memoryBytes())
                .withMemorySwap(limits.memoryBytes())
                .withNanoCPUs(limits.nanoCpus());
    }

    private static Bind bind(Path file, AccessMode mode) {
        return new Bind(file.toString(), new Volume(file.toString()), mode);
    }

    static ServerContainer start(Containers all, Program program) throws IOException {
        ServerContainer server = new ServerContainer(all, program);
        try {
            server.container.start();
            return server;
        } catch (ContainerLaunchException | DockerException e) {
            throw new IOException("the container of " + program.name() + " did not start", e);
        }
    }

    private static String[] command(Containers all, Program program) {
        List<String> command = new ArrayList<>();
        command.add(ServerImage.BASH.toString());
        command.add(all.launch().launcher().toString());
        command.addAll(program.arguments());
        command.addAll(List.of("--heap", all.launch().heap()));
        return command.toArray(String[]::new);
    }

    /** Whether it is ready is asked for later, and it may have ended already: the first line tells. */
    private static final class Started extends StartupCheckStrategy {
        @Override
        public StartupStatus checkStartupState(DockerClient client, String containerId) {
            return StartupStatus.SUCCESSFUL;
        }

        @Override
        public boolean waitUntilStartupSuccessful(DockerClient client, String containerId) {
            return true;
        }
    }

    private static final class NoWait extends AbstractWaitStrategy {
        @Override
        protected void waitUntilReady() {}
    }

    private void read(OutputFrame frame) {
        switch (frame.getType()) {
            case STDERR -> append(frame.getBytes());
            case STDOUT -> print(frame.getBytes());
            case END -> firstLine.complete("");
        }
    }

    private void append(byte[] bytes) {
        try {
            Files.write(log, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A line may come in pieces. One thread calls it. */
    private void print(byte[] bytes) {
        if (!firstLine.isDone()) {
            printed.writeBytes(bytes);
            String text = printed.toString(StandardCharsets.UTF_8);
            int end = text.indexOf('\n');
            if (end >= 0) {
                firstLine.complete(text.substring(0, end));
            }
        }
    }

    @Override
    public CompletableFuture<String> firstLine() {
        return firstLine;
    }

    private ContainerState state() {
        return engine.inspectContainerCmd(container.getContainerId()).exec().getState();
    }

    /** Also while it is paused. */
    @Override
    public boolean isAlive() {
        try {
            return Boolean.TRUE.equals(state().getRunning());
        } catch (NotFoundException removed) {
            return false;
        }
    }

    @FunctionalInterface
    private interface Call {
        void run() throws IOException, InterruptedException;
    }

    private void ask(String what, Call call) throws IOException, InterruptedException {
        try {
            call.run();
        } catch (DockerException e) {
            throw new IOException("the engine did not " + what + " a container: " + e.getMessage(), e);
        }
    }

    @Override
    public void kill9() throws IOException, InterruptedException {
        ask("kill", () -> remove(engine, container.getContainerId()));
    }

    /** SIGKILL, if it runs. */
    static void remove(DockerClient engine, String id) {
        try {
            engine.removeContainerCmd(id).withForce(true).exec();
        } catch (NotFoundException | ConflictException removed) {
            // It has gone before, or somebody else is removing it.
        }
    }

    @Override
    public boolean terminate() throws IOException, InterruptedException {
        boolean[] ended = new boolean[1];
        ask("end", () -> {
            try {
                engine.stopContainerCmd(container.getContainerId())
                        .withTimeout((int) END.toSeconds())
                        .exec();
            } catch (NotModifiedException itHasEnded) {
                // Its exit code tells how.
            }
            ended[0] = !Objects.equals(state().getExitCodeLong(), (long) KILLED);
        });
        kill9();
        return ended[0];
    }

    @Override
    public void pause() throws IOException, InterruptedException {
        ask("pause", () -> engine.pauseContainerCmd(container.getContainerId()).exec());
    }

    @Override
    public void resume() throws IOException, InterruptedException {
        ask("resume", () -> {
            if (Boolean.TRUE.equals(state().getPaused())) {
                engine.unpauseContainerCmd(container.getContainerId()).exec();
            }
        });
    }

    /** The kernel's word for a process of this machine, so it takes an engine that has its processes here. */
    @Override
    public void limitFileSize(String bytes) throws IOException, InterruptedException {
        ask("limit", () -> {
            long pid = Objects.requireNonNullElse(state().getPidLong(), 0L);
            Path groups = Path.of("/proc/" + pid + "/cgroup");
            if (!Files.exists(groups) || !Files.readString(groups).contains(container.getContainerId())) {
                throw new IOException("the container's process is not one of this machine's");
            }
            Tool.limitFileSize(pid, bytes);
        });
    }
}
