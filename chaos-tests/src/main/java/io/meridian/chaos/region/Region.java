package io.meridian.chaos.region;

import io.meridian.chaos.region.Launch.Program;
import io.meridian.testsupport.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A region over all its lives: the same name, addresses and data directory. Thread-safe; what takes long excludes everything else. */
public final class Region {
    /** What a backup leaves out (docs/operations.md). */
    private static final List<String> NOT_COPIED = List.of("lock", "gateway", "region");

    /** The end of the name of the folder where its own disk is mounted. */
    static final String DISK = ".disk";

    private final String name;
    private final int index;
    private final int adminPort;
    private final int peerPort;
    private final int xdsPort;
    private final Path folder;
    private final Launch launch;
    private final ReentrantLock lock = new ReentrantLock();
    /** Its last life, known before it is ready. Written with the lock. */
    private volatile @Nullable Life life;

    /** Set before it starts for the first time; null: its data are where those of all others are. */
    private volatile @Nullable Disk disk;

    private volatile boolean destroyed;

    Region(String name, int index, Path folder, Launch launch) {
        this.name = name;
        this.index = index;
        this.folder = folder;
        this.launch = launch;
        adminPort = Ports.free();
        peerPort = Ports.free();
        xdsPort = Ports.free();
    }

    public String name() {
        return name;
    }

    /** Of its epochs: epoch mod 64. */
    public int index() {
        return index;
    }

    /** HOST:PORT of the admin API, for clients. */
    public String admin() {
        return launch.host() + ":" + adminPort;
    }

    /** HOST:PORT, for proxies. */
    public String xds() {
        return launch.host() + ":" + xdsPort;
    }

    Launch launch() {
        return launch;
    }

    /** HOST:PORT, for other regions and gateways. */
    String peer() {
        return launch.host() + ":" + peerPort;
    }

    int peerPort() {
        return peerPort;
    }

    Path data() {
        Disk own = disk;
        return own == null ? folder.resolve(name) : own.folder().resolve("data");
    }

    /**
     * Gives it a disk of its own, before it starts for the first time.
     *
     * @throws IOException where that is not possible
     */
    void mountDisk() throws IOException, InterruptedException {
        disk = Disk.mount(folder.resolve(name + ".image"), folder.resolve(name + DISK));
    }

    private Disk disk() {
        Disk own = disk;
        if (own == null) {
            throw new IllegalStateException(name + " has no disk of its own");
        }
        return own;
    }

    /** What it writes or syncs does not come to its end until {@link #thawDisk}. */
    public void freezeDisk() throws IOException, InterruptedException {
        disk().freeze();
    }

    public void thawDisk() throws IOException, InterruptedException {
        disk().thaw();
    }

    Path config() {
        return folder.resolve(name + ".conf");
    }

    /** What it wrote to stderr, over all its lives. */
    public Path log() {
        return folder.resolve(name + ".log");
    }

    @FunctionalInterface
    interface Action {
        void run() throws IOException, InterruptedException;
    }

    private void locked(Action action) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    /** Returns when it is ready; at once if it runs. */
    public void start() throws IOException, InterruptedException {
        locked(() -> {
            Life last = life;
            if (last == null || !last.isAlive()) {
                Life next = launch.start(program());
                life = next;
                if (destroyed) {
                    next.kill9();
                }
                next.awaitReady(log());
            }
        });
    }

    private Program program() {
        List<String> arguments = List.of("region", "--config", config().toString());
        return new Program(name, arguments, List.of(config()), data(), log());
    }

    private Life life() {
        Life last = life;
        if (last == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return last;
    }

    /** kill -9. */
    public void kill9() throws IOException, InterruptedException {
        locked(() -> life().kill9());
    }

    /** SIGTERM, waits for the end. */
    public void terminate() throws IOException, InterruptedException {
        locked(() -> {
            if (!life().terminate()) {
                throw new IOException(name + " did not end on SIGTERM and was killed");
            }
        });
    }

    public void pause() throws IOException, InterruptedException {
        locked(() -> life().pause());
    }

    public void resume() throws IOException, InterruptedException {
        locked(() -> {
            if (life().isAlive()) {
                life().resume();
            }
        });
    }

    /** Its files cannot grow beyond that size any more. */
    public void limitFileSize(long bytes) throws IOException, InterruptedException {
        locked(() -> life().limitFileSize(Long.toString(bytes)));
    }

    public void unlimitFileSize() throws IOException, InterruptedException {
        locked(() -> {
            if (life().isAlive()) {
                life().limitFileSize("unlimited");
            }
        });
    }

    /** Copies what a backup has into an empty or absent folder. Only while it is stopped. */
    public void backUp(Path to) throws IOException, InterruptedException {
        locked(() -> {
            requireStopped();
            deleteTree(to);
            copyTree(data(), to);
        });
    }

    /** Makes the data directory anew from a backup, as docs/operations.md says. Only while it is stopped. */
    public void restore(Path from) throws IOException, InterruptedException {
        locked(() -> {
            requireStopped();
            deleteTree(data());
            copyTree(from, data());
        });
    }

    private void requireStopped() {
        Life last = life;
        if (last != null && last.isAlive()) {
            throw new IllegalStateException(name + " runs");
        }
    }

    /** SIGKILL, also while it starts or is paused. It never starts again. What it had on a disk of its own is where others have theirs afterwards. */
    void destroy() {
        destroyed = true;
        Disk own = disk;
        if (own != null) {
            // A process that waits for its disk does not end.
            attempt(own::thaw);
        }
        Life last = life;
        if (last != null) {
            attempt(last::kill9);
        }
        if (own != null) {
            disk = null;
            attempt(() -> copyTree(own.folder().resolve("data"), data()));
            attempt(own::unmount);
        }
    }

    /** Whatever comes of it. */
    static void attempt(Action action) {
        try {
            action.run();
        } catch (IOException e) {
            // It was not frozen, or is gone; or somebody looks into it, and it stays.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (Files.isRegularFile(file) && !NOT_COPIED.contains(name)) {
                    Files.copy(file, to.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
