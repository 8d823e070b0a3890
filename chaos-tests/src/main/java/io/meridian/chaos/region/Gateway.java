package io.meridian.chaos.region;

import io.meridian.chaos.region.Launch.Program;
import io.meridian.testsupport.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An xDS gateway of its own, fed by one region, over all its lives: the same address and local copy. Thread-safe; what takes
 * long excludes everything else.
 */
public final class Gateway {
    private final String name;
    private final Region region;
    private final Path folder;
    private final Launch launch;
    private final int xdsPort = Ports.free();
    private final ReentrantLock lock = new ReentrantLock();
    /** Its last life, known before it is ready. Written with the lock. */
    private volatile @Nullable Life life;

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
            Life last = life;
            if (last == null || !last.isAlive()) {
                Life next = launch.start(program());
                life = next;
                if (destroyed) {
                    next.kill9();
                }
                next.awaitReady(log());
            }
        } finally {
            lock.unlock();
        }
    }

    private Path log() {
        return folder.resolve(name + ".log");
    }

    private Program program() {
        Path data = folder.resolve(name);
        List<String> arguments = List.of(
                "xds-gateway",
                "--data",
                data.toString(),
                "--feed",
                region.peer(),
                "--xds",
                xds(),
                "--region",
                region.name(),
                // It would keep others from the processor, and here nobody measures how fast it is.
                "--warm-up",
                "0s");
        return new Program(name, arguments, List.of(), data, log());
    }

    /** kill -9. */
    public void kill9() throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            Life last = life;
            if (last == null) {
                throw new IllegalStateException(name + " was never started");
            }
            last.kill9();
        } finally {
            lock.unlock();
        }
    }

    /** SIGKILL, also while it starts. It never starts again. */
    void destroy() {
        destroyed = true;
        Life last = life;
        if (last != null) {
            Region.attempt(last::kill9);
        }
    }
}
