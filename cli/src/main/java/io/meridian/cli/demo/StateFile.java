package io.meridian.cli.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.UnaryOperator;

/** The demo's state on disk; several commands may change it at the same time. Thread-safe. */
final class StateFile {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path data;
    private final Path file;

    StateFile(Path data) {
        this.data = data;
        this.file = data.resolve("state.json");
    }

    /** {@link DemoState#NONE} if there is none. */
    DemoState read() {
        if (!Files.exists(file)) {
            return DemoState.NONE;
        }
        try {
            return JSON.readValue(file.toFile(), DemoState.class);
        } catch (IOException e) {
            throw new DemoException(file + " is damaged: " + e.getMessage(), e);
        }
    }

    /** One change at a time over all processes: the lock is a file of its own, since the state's is replaced. */
    synchronized DemoState update(UnaryOperator<DemoState> change) {
        try {
            Files.createDirectories(data);
            try (FileChannel channel = FileChannel.open(
                            data.resolve("state.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                DemoState next = change.apply(read());
                Path written = data.resolve("state.json.new");
                JSON.writeValue(written.toFile(), next);
                Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
                assert lock.isValid();
                return next;
            }
        } catch (IOException e) {
            throw new DemoException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
