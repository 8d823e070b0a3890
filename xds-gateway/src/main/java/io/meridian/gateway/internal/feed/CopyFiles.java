package io.meridian.gateway.internal.feed;

import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.feed.v1.HaltedRollouts;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The files of a local copy: {@code snapshot}, replaced as a whole (temporary file, fsync, rename), and {@code tail-GENERATION}, appended
 * to, and fsynced when that is asked for. Both are feed messages in frames of length, CRC-32C and bytes. Tails and the snapshot are
 * independent of each other: one thread may write a snapshot while another appends to tails. A third, {@code halts}, is there while roll-outs are halted.
 */
final class CopyFiles {
    private static final long MAGIC = 0x6d65726964694331L;
    private static final String SNAPSHOT = "snapshot";
    private static final String HALTS = "halts";
    private static final String TAIL = "tail-";
    private static final int END = 0;
    /** Of a frame beside its message. */
    private static final int FRAME_BYTES = 8;

    private final Path directory;

    CopyFiles(Path directory) {
        this.directory = directory;
    }

    /** Thrown for a snapshot that is not what was written. */
    static final class CorruptCopyException extends IOException {
        private static final long serialVersionUID = 1;

        CorruptCopyException(String message) {
            super(message);
        }
    }

    boolean exists() {
        return Files.exists(directory.resolve(SNAPSHOT));
    }

    /** Writes a new snapshot and forgets the tails of other generations. Returns its size in bytes. */
    long writeSnapshot(long generation, List<FeedMessage> messages) throws IOException {
        Files.createDirectories(directory);
        Path temporary = directory.resolve(SNAPSHOT + ".tmp");
        long size;
        try (FileChannel channel = FileChannel.open(
                        temporary,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING);
                DataOutputStream out =
                        new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)))) {
            out.writeLong(MAGIC);
            out.writeLong(generation);
            for (FeedMessage message : messages) {
                frame(out, message);
            }
            out.writeInt(END);
            out.flush();
            channel.force(true);
            size = channel.position();
        }
        Files.move(
                temporary,
                directory.resolve(SNAPSHOT),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        syncDirectory();
        for (Path tail : tails()) {
            if (!tail.getFileName().toString().equals(TAIL + generation)) {
                Files.delete(tail);
            }
        }
        return size;
    }

    /**
     * Appends to the tail of that generation; the system has it afterwards, the disk may not. Returns the tail's size in bytes.
     *
     * <p>Where that fails, the tail may be torn, and what is appended behind that place is not read.
     */
    long append(long generation, List<FeedMessage> messages) throws IOException {
        Files.createDirectories(directory);
        try (FileChannel channel = FileChannel.open(
                        tail(generation),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.APPEND);
                DataOutputStream out =
                        new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)))) {
            for (FeedMessage message : messages) {
                frame(out, message);
            }
            out.flush();
            return channel.size();
        }
    }

    /** The disk has afterwards what was appended to the tail of that generation before. */
    void sync(long generation) throws IOException {
        Path file = tail(generation);
        if (Files.exists(file)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
    }

    private Path tail(long generation) {
        return directory.resolve(TAIL + generation);
    }

    /** Reads the snapshot; returns its generation. */
    long readSnapshot(Consumer<FeedMessage> messages) throws IOException {
        try (DataInputStream in = open(directory.resolve(SNAPSHOT))) {
            if (in.readLong() != MAGIC) {
                throw new CorruptCopyException("not a snapshot of this format");
            }
            long generation = in.readLong();
            for (int length = in.readInt(); length != END; length = in.readInt()) {
                messages.accept(message(in, length));
            }
            return generation;
        } catch (EOFException e) {
            throw new CorruptCopyException("it ends too early");
        }
    }

    /**
     * What could be read of a tail.
     *
     * @param bytes how long it is up to there
     * @param error what came behind; empty if nothing did
     */
    record Tail(long bytes, String error) {
        boolean whole() {
            return error.isEmpty();
        }
    }

    /** Reads the tail as far as it is whole and {@code messages} takes it; a torn end is what a sudden stop leaves. */
    Tail readTail(long generation, Consumer<FeedMessage> messages) throws IOException {
        Path file = tail(generation);
        if (!Files.exists(file)) {
            return new Tail(0, "");
        }
        long bytes = 0;
        try (DataInputStream in = open(file)) {
            while (true) {
                in.mark(1);
                if (in.read() < 0) {
                    return new Tail(bytes, "");
                }
                in.reset();
                int length = in.readInt();
                messages.accept(message(in, length));
                bytes += FRAME_BYTES + length;
            }
        } catch (EOFException | CorruptCopyException e) {
            return new Tail(bytes, "it is torn");
        } catch (UncheckedIOException e) {
            return new Tail(bytes, String.valueOf(e.getMessage()));
        }
    }

    /** Forgets what is behind the first {@code bytes} of a tail. */
    void truncateTail(long generation, long bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(tail(generation), StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        }
    }

    void delete() throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        for (Path tail : tails()) {
            Files.delete(tail);
        }
        Files.deleteIfExists(directory.resolve(SNAPSHOT));
        Files.deleteIfExists(directory.resolve(SNAPSHOT + ".tmp"));
    }

    /** Empty if there are none, or never were. */
    HaltedRollouts readHalts() throws IOException {
        Path file = directory.resolve(HALTS);
        return Files.exists(file)
                ? HaltedRollouts.parseFrom(Files.readAllBytes(file))
                : HaltedRollouts.getDefaultInstance();
    }

    /** Replaces them as a whole. */
    void writeHalts(HaltedRollouts halts) throws IOException {
        Path file = directory.resolve(HALTS);
        if (halts.getHaltedCount() == 0) {
            Files.deleteIfExists(file);
            return;
        }
        Files.createDirectories(directory);
        Path temporary = directory.resolve(HALTS + ".tmp");
        try (FileChannel channel = FileChannel.open(
                        temporary,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING);
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel))) {
            halts.writeTo(out);
            out.flush();
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncDirectory();
    }

    private static DataInputStream open(Path file) throws IOException {
        return new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
    }

    private static void frame(DataOutputStream out, FeedMessage message) throws IOException {
        byte[] bytes = message.toByteArray();
        if (bytes.length == 0) {
            return;
        }
        out.writeInt(bytes.length);
        out.writeInt(crc(bytes));
        out.write(bytes);
    }

    private static FeedMessage message(DataInputStream in, int length) throws IOException {
        int crc = in.readInt();
        if (length < 0) {
            throw new CorruptCopyException("a frame has the length " + length);
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new CorruptCopyException("a frame ends too early");
        }
        if (crc(bytes) != crc) {
            throw new CorruptCopyException("a frame does not have its checksum");
        }
        return FeedMessage.parseFrom(bytes);
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private List<Path> tails() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith(TAIL))
                    .toList();
        }
    }

    /** So that the rename itself survives a power failure. */
    private void syncDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
