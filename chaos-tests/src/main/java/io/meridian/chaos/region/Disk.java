package io.meridian.chaos.region;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file system in a file, mounted by a loop device, that can be frozen: until it is thawed nothing that is written there, or synced, comes
 * to its end. Needs root, e2fsprogs and util-linux. Not thread-safe.
 */
final class Disk {
    /** The file has holes: it takes what is written to it. */
    private static final long BYTES = 2L << 30;

    private final Path image;
    private final Path folder;

    private Disk(Path image, Path folder) {
        this.image = image;
        this.folder = folder;
    }

    /**
     * Makes one and mounts it.
     *
     * @param image the file; replaced if it is there
     * @param folder where it is mounted
     * @throws IOException where that is not possible, with the reason
     */
    static Disk mount(Path image, Path folder) throws IOException, InterruptedException {
        Files.deleteIfExists(image);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(BYTES);
        }
        try {
            Tool.run("mkfs.ext4", "-q", "-F", image.toString());
            Files.createDirectories(folder);
            Tool.run("mount", "-o", "loop", image.toString(), folder.toString());
        } catch (IOException e) {
            Files.deleteIfExists(image);
            throw e;
        }
        return new Disk(image, folder);
    }

    /** Unmounts what a run that was killed may have left mounted, and frozen, there. */
    static void forget(Path folder) throws InterruptedException {
        if (!Files.exists(folder)) {
            return;
        }
        for (String[] command : new String[][] {
            {"fsfreeze", "--unfreeze", folder.toString()},
            {"umount", folder.toString()}
        }) {
            try {
                Tool.run(command);
            } catch (IOException e) {
                // It was not.
            }
        }
    }

    Path folder() {
        return folder;
    }

    /** @throws IOException also if it is frozen */
    void freeze() throws IOException, InterruptedException {
        Tool.run("fsfreeze", "--freeze", folder.toString());
    }

    /** @throws IOException also if it is not frozen */
    void thaw() throws IOException, InterruptedException {
        Tool.run("fsfreeze", "--unfreeze", folder.toString());
    }

    /** Once nothing uses it any more. What it held is gone. */
    void unmount() throws IOException, InterruptedException {
        Tool.run("umount", folder.toString());
        Files.deleteIfExists(image);
    }
}
