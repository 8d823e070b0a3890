package io.meridian.chaos.region;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.testcontainers.DockerClientFactory;

/**
 * Servers in containers, a new one for each life: what outlives one is its data folder, and nothing else of it can be written but its temporary files. They
 * share this machine's loopback, so that the proxies between regions are the same as for processes.
 *
 * @param owner value of their label {@link #LABEL}
 */
record Containers(ServerImage image, ProcessLaunch launch, String owner, Limits limits)
        implements Launch, AutoCloseable {
    static final String LABEL = "io.meridian.chaos";

    /** What a server needs beside its heap: metaspace, compiled code, stacks, Netty's and gRPC's buffers, its temporary files. */
    private static final long BESIDE_HEAP_BYTES = 384L << 20;

    private static final long NANO_CPUS = 1_000_000_000;

    /**
     * Of one container.
     *
     * @param memoryBytes at most, no swap beside it; beyond them the kernel kills it
     * @param nanoCpus processors, in billionths
     * @param user UID:GID
     */
    record Limits(long memoryBytes, long nanoCpus, String user) {}

    /** Why regions cannot be in containers here; empty if they can. */
    static Optional<String> whyNot() {
        DockerClientFactory factory = DockerClientFactory.instance();
        if (!factory.isDockerAvailable()) {
            return Optional.of("no Docker engine answers (DOCKER_HOST, or /var/run/docker.sock)");
        }
        String scheme = factory.getTransportConfig().getDockerHost().getScheme();
        return scheme.equals("unix")
                ? Optional.empty()
                : Optional.of("the Docker engine has to be one of this machine, by a Unix socket and not by " + scheme
                        + ": containers share its loopback and files");
    }

    /**
     * Builds their image. What an earlier run with the same folder left is removed.
     *
     * @param launch what they would be as processes
     * @param folder where all their files are
     */
    static Containers create(ProcessLaunch launch, Path folder) throws IOException, InterruptedException {
        Optional<String> whyNot = whyNot();
        if (whyNot.isPresent()) {
            throw new IOException(whyNot.get());
        }
        DockerClient engine = DockerClientFactory.instance().client();
        String owner = folder.toString();
        remove(engine, owner);
        Limits limits = new Limits(heapBytes(launch.heap()) + BESIDE_HEAP_BYTES, NANO_CPUS, user(folder));
        ServerImage image = ServerImage.create(engine, launch.launcher(), folder, Map.of(LABEL, owner));
        return new Containers(image, launch, owner, limits);
    }

    /** @throws IllegalArgumentException for what the launcher does not take either */
    private static long heapBytes(String heap) {
        if (!heap.matches("[1-9][0-9]*[kKmMgG]?")) {
            throw new IllegalArgumentException("heap: \"" + heap + "\" is not a size, for example 512m or 2g");
        }
        int unit = switch (Character.toLowerCase(heap.charAt(heap.length() - 1))) {
            case 'k' -> 10;
            case 'm' -> 20;
            case 'g' -> 30;
            default -> 0;
        };
        return Long.parseLong(unit == 0 ? heap : heap.substring(0, heap.length() - 1)) << unit;
    }

    /** UID:GID of who runs this: theirs are the files. */
    private static String user(Path folder) throws IOException {
        return Files.getAttribute(folder, "unix:uid") + ":" + Files.getAttribute(folder, "unix:gid");
    }

    @Override
    public String host() {
        return LOOPBACK;
    }

    @Override
    public Life start(Program program) throws IOException {
        Files.createDirectories(program.data());
        return ServerContainer.start(this, program);
    }

    /** What has that owner's label. */
    private static void remove(DockerClient engine, String owner) throws IOException {
        Map<String, String> label = Map.of(LABEL, owner);
        try {
            for (Container container : engine.listContainersCmd()
                    .withShowAll(true)
                    .withLabelFilter(label)
                    .exec()) {
                ServerContainer.remove(engine, container.getId());
            }
            for (Image left : engine.listImagesCmd().withLabelFilter(label).exec()) {
                engine.removeImageCmd(left.getId()).withForce(true).exec();
            }
        } catch (DockerException e) {
            throw new IOException("containers or images with the label " + LABEL + "=" + owner + " stay behind", e);
        }
    }

    /** Also ends what is left of them. */
    @Override
    public void close() throws IOException {
        remove(image.engine(), owner);
    }
}
