package io.meridian.persistence;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.meridian.model.position.RegionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The folder that holds everything a region must not lose, locked against a second process and against another region. The lock goes with the
 * process, a killed one included.
 */
public final class DataDirectory implements AutoCloseable {
    private static final String LOCK_FILE = "lock";
    private static final String REGION_FILE = "region";
    /** Nodes of one region that may share a directory. Each locks one byte; who wants it alone locks them all. */
    private static final int MAX_SHARERS = 64;

    private final Path path;
    private final FileChannel channel;

    private DataDirectory(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Creates the folder if need be, and locks it. Blocks on the disk.
     *
     * @param region recorded at the first opening; another one is refused later
     * @param shared whether other nodes of the same region may have it open, if they say so too
     * @throws IllegalStateException if another process has it, or it belongs to another region
     */
    public static DataDirectory open(Path path, RegionId region, boolean shared) {
        try {
            Files.createDirectories(path);
            FileChannel channel = FileChannel.open(
                    path.resolve(LOCK_FILE),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            try {
                if (!lock(channel, shared)) {
                    throw new IllegalStateException(
                            "the data directory " + path.toAbsolutePath()
                                    + " is in use by another process; stop that one first, or give this one a directory of its own");
                }
                claim(path.resolve(REGION_FILE), region);
                return new DataDirectory(path, channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot open the data directory " + path.toAbsolutePath() + ": " + e.getMessage(), e);
        }
    }

    private static boolean lock(FileChannel channel, boolean shared) throws IOException {
        if (!shared) {
            return tryLock(channel, 0, MAX_SHARERS) != null;
        }
        for (int place = 0; place < MAX_SHARERS; place++) {
            if (tryLock(channel, place, 1) != null) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable FileLock tryLock(FileChannel channel, long from, long size) throws IOException {
        try {
            return channel.tryLock(from, size, false);
        } catch (OverlappingFileLockException e) {
            // Another node within this very process has it.
            return null;
        }
    }

    private static void claim(Path file, RegionId region) throws IOException {
        String claim = region.name() + " " + region.index();
        if (!Files.exists(file)) {
            Files.writeString(file, claim + "\n", UTF_8);
            return;
        }
        String owner = Files.readString(file, UTF_8).strip();
        if (!owner.equals(claim) && !owner.isEmpty()) {
            throw new IllegalStateException(
                    "the data directory " + file.toAbsolutePath().getParent() + " belongs to region '" + owner
                            + "' (name, index), not to '" + claim + "'");
        }
    }

    public Path path() {
        return path;
    }

    /** Unlocks it. What writes into it must have ended. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unlock the data directory " + path, e);
        }
    }
}
