package io.meridian.persistence;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** A few reading connections to one file, opened when first needed. Thread-safe; whoever finds none free waits. */
final class ReadConnections implements AutoCloseable {
    /** A piece of reading; its connection is its own until it returns. */
    @FunctionalInterface
    interface Reading<T> {
        T from(Connection connection) throws SQLException;
    }

    private final Path file;
    private final int size;
    private final Semaphore permits;
    private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    ReadConnections(Path file, int size) {
        this.file = file;
        this.size = size;
        permits = new Semaphore(size);
    }

    /** Throws {@link LogDamagedException} if the file cannot be read, IllegalStateException after {@link #close}. */
    <T> T use(Reading<T> reading) {
        permits.acquireUninterruptibly();
        try {
            if (closed.get()) {
                throw new IllegalStateException("the reader of " + file + " is closed");
            }
            Connection pooled = idle.pollFirst();
            Connection connection = pooled == null ? Sqlite.openReadOnly(file) : pooled;
            T result;
            try {
                result = reading.from(connection);
            } catch (SQLException | RuntimeException e) {
                connection.close();
                throw e;
            }
            idle.addFirst(connection);
            return result;
        } catch (SQLException e) {
            throw new LogDamagedException(
                    "the file " + file.toAbsolutePath() + " cannot be read: " + e.getMessage(), e);
        } finally {
            permits.release();
        }
    }

    /** Waits for running reads. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        permits.acquireUninterruptibly(size);
        try {
            for (Connection connection = idle.poll(); connection != null; connection = idle.poll()) {
                connection.close();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot close a reading connection to " + file, e);
        } finally {
            permits.release(size);
        }
    }
}
