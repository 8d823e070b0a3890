package io.meridian.chaos.region;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An xDS gateway in a process of its own, fed by one region, over all its lives: the same address and local copy. Thread-safe; what takes
 * long excludes everything else.
 */
public final class Gateway {
    private final String name;
    private final Region region;
    private final Path folder;
    private final Launch launch;
    private final int xdsPort = Ports.free();
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock. */
    private @Nullable ServerProcess process;

    /** Its last life, known before it is ready. */
    private volatile @Nullable Process spawned;

    private volatile boolean destroyed;

    /** It runs where its region does. */
    Gateway(String name, Region region, Path folder) {
        this.name = name;
        this.region = region;
        this.folder = folder;
        this.launch = region.launch();
    }

    public String name() {
        return name;
    }

    /** The region whose feed it follows. */
    public Region region() {
        return region;
    }

    /** HOST:PORT, for proxies. */
    public String xds() {
        return launch.host() + ":" + xdsPort;
    }

    /** Returns when it is ready, whether its region runs or not; at once if it runs. */
    public void start() throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            if (process == null || !process.isAlive()) {
                process = ServerProcess.start(launch, arguments(), folder.resolve(name + ".log"), this::spawned);
            }
        } finally {
            lock.unlock();
        }
    }

    private List<String> arguments() {
        return List.of(
                "xds-gateway",
                "--data",
                folder.resolve(name).toString(),
                "--feed",
                region.peer(),
                "--xds",
                xds(),
                "--region",
                region.name(),
                // It would keep others from the processor, and here nobody measures how fast it is.
                "--warm-up",
                "0s");
    }

    /** kill -9. */
    public void kill9() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (process == null) {
                throw new IllegalStateException(name + " was never started");
            }
            process.kill9();
        } finally {
            lock.unlock();
        }
    }

    /** SIGKILL, also while it starts. It never starts again. */
    void destroy() {
        destroyed = true;
        Process last = spawned;
        if (last != null) {
            last.destroyForcibly().onExit().join();
        }
    }

    private void spawned(Process next) {
        spawned = next;
        if (destroyed) {
            next.destroyForcibly();
        }
    }
}
