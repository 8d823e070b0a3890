package io.meridian.persistence.internal.cassandra;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One session for all that read and write a journal; open while somebody uses it. Thread-safe. */
final class SharedSession {
    private final CassandraSettings settings;
    /** Of what follows; held while it connects. */
    private final ReentrantLock lock = new ReentrantLock();

    private @Nullable CassandraSession open;
    private int users;

    SharedSession(CassandraSettings settings) {
        this.settings = settings;
    }

    /** To be closed once. */
    final class Use implements AutoCloseable {
        private final CassandraSession session;

        private Use(CassandraSession session) {
            this.session = session;
        }

        CassandraSession session() {
            return session;
        }

        @Override
        public void close() {
            leave();
        }

        @Override
        public String toString() {
            return settings.toString();
        }
    }

    /** Blocks while it connects. Throws as {@link CassandraSession#open}. */
    Use use() {
        lock.lock();
        try {
            CassandraSession session = open == null ? CassandraSession.open(settings) : open;
            open = session;
            users++;
            return new Use(session);
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            users--;
            if (users == 0 && open != null) {
                open.close();
                open = null;
            }
        } finally {
            lock.unlock();
        }
    }
}
