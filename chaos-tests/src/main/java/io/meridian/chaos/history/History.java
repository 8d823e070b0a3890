package io.meridian.chaos.history;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes the history. Thread-safe; lines stand in the order of their times. A call is written before it begins and its end after it was
 * heard of, so the span between the two lines holds the moment at which it took effect.
 */
public final class History implements AutoCloseable {
    public enum Step {
        INVOKE,
        /** It happened. */
        OK,
        /** It did not happen, and will not. */
        FAIL,
        /** Of an operation: nobody knows whether it happened or will. Of anything else: for information. */
        INFO
    }

    /** Processes that are no clients. */
    public static final String NEMESIS = "nemesis";

    public static final String MONITOR = "monitor";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final long start = System.nanoTime();
    private final ReentrantLock lock = new ReentrantLock();
    private final BufferedWriter out;
    private long index;

    public History(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        out = Files.newBufferedWriter(file);
    }

    /** One line in the making; used by one thread. Values: strings, numbers, booleans, positions, maps and lists of these. */
    public final class Line {
        private final Map<String, Object> fields = new LinkedHashMap<>();

        private Line(Object process, Step type, String f) {
            // Their places in the line; the values come with the time.
            fields.put(Field.INDEX, 0L);
            fields.put(Field.TIME, 0L);
            fields.put(Field.PROCESS, process);
            fields.put(Field.TYPE, type.name().toLowerCase(Locale.ROOT));
            fields.put(Field.F, f);
        }

        /** Absent if {@code value} is null. */
        public Line with(String field, @Nullable Object value) {
            if (value != null) {
                fields.put(field, value instanceof Position position ? position.toString() : value);
            }
            return this;
        }

        public void write() {
            lock.lock();
            try {
                fields.put(Field.INDEX, index++);
                fields.put(Field.TIME, System.nanoTime() - start);
                out.write(JSON.writeValueAsString(fields));
                out.newLine();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Of a client; {@code process} has one operation at a time, and no more after one that ended with INFO. */
    public Line line(int process, Step type, String f) {
        return new Line(process, type, f);
    }

    public Line nemesis(String f) {
        return new Line(NEMESIS, Step.INFO, f);
    }

    public Line monitor(Step type, String f) {
        return new Line(MONITOR, type, f);
    }

    /** What was written so far is in the file. */
    public void flush() throws IOException {
        lock.lock();
        try {
            out.flush();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            out.close();
        } finally {
            lock.unlock();
        }
    }
}
