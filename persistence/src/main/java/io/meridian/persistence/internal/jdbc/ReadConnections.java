package io.meridian.persistence.internal.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** A few reading connections to one database, opened when first needed. Thread-safe; whoever finds none free waits. */
final class ReadConnections implements AutoCloseable {
    /** A piece of reading; its connection is its own until it returns. */
    @FunctionalInterface
    interface Reading<T> {
        T from(Connection connection) throws SQLException;
    }

    private final Database database;
    private final int size;
    private final Semaphore permits;
    private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    ReadConnections(Database database, int size) {
        this.database = database;
        this.size = size;
        permits = new Semaphore(size);
    }

    /** Throws what the database's failures mean, IllegalStateException after {@link #close}. */
    <T> T use(Reading<T> reading) {
        permits.acquireUninterruptibly();
        try {
            if (closed.get()) {
                throw new IllegalStateException("the reader of " + database + " is closed");
            }
            Connection pooled = idle.pollFirst();
            Connection connection = pooled == null ? database.openForReading() : pooled;
            T result;
            try {
                result = reading.from(connection);
            } catch (SQLException e) {
                discard(connection);
                // Whatever ended this one may have ended all of them: the next reads begin with new ones.
                discardIdle();
                throw e;
            } catch (RuntimeException e) {
                discard(connection);
                throw e;
            }
            idle.addFirst(connection);
            return result;
        } catch (SQLException e) {
            throw database.failed("be read", e);
        } finally {
            permits.release();
        }
    }

    private void discardIdle() {
        for (Connection connection = idle.poll(); connection != null; connection = idle.poll()) {
            discard(connection);
        }
    }

    /** Of no use any more: what closing it has to say changes nothing. */
    private static void discard(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // It is gone either way.
        }
    }

    /** Waits for running reads. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        permits.acquireUninterruptibly(size);
        discardIdle();
        permits.release(size);
    }
}
