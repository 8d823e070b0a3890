package io.meridian.persistence.internal.jdbc;

import io.meridian.persistence.LogDamagedException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** A file that is opened so that a commit that was acknowledged survives {@code kill -9} and a power cut: one fsync per commit. */
record SqliteFile(Path path) implements Database {
    /** How long a statement waits for another writer of the same file: other nodes of the region, or the write-ahead log's turn. */
    private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(10);

    /** Transactions take the write lock at once: one that begins by reading could not be promoted later without losing its snapshot. */
    String url() {
        return "jdbc:sqlite:" + path.toAbsolutePath() + "?journal_mode=WAL&synchronous=FULL&transaction_mode=IMMEDIATE"
                + "&busy_timeout=" + BUSY_TIMEOUT.toMillis();
    }

    @Override
    public Connection openForWriting() throws SQLException {
        return DriverManager.getConnection(url());
    }

    @Override
    public Connection openForReading() throws SQLException {
        Connection connection = DriverManager.getConnection(
                "jdbc:sqlite:" + path.toAbsolutePath() + "?busy_timeout=" + BUSY_TIMEOUT.toMillis());
        try (Statement statement = connection.createStatement()) {
            // Never takes the write lock.
            statement.execute("PRAGMA query_only = ON");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Creates what is missing of {@code tables}. Throws {@link LogDamagedException} if the file is there and is no sound database. */
    void create(List<String> tables) {
        try (Connection connection = openForWriting()) {
            Database.execute(connection, tables);
        } catch (SQLException e) {
            throw failed("be opened", e);
        }
    }

    /** The driver fetches rows as they are asked for. */
    @Override
    public int pageRows() {
        return Integer.MAX_VALUE;
    }

    /** {@code ordering} grows with every commit, since there is one writer at a time. */
    @Override
    public String commitMark() {
        return "SELECT COALESCE(MAX(ordering), 0) FROM event_journal";
    }

    @Override
    public String behindMark() {
        return "ordering > ?";
    }

    @Override
    public String inventoryRecords() {
        return "record";
    }

    @Override
    public String inventoryCounters() {
        return "counter";
    }

    @Override
    public List<String> beginExclusively() {
        return List.of("BEGIN IMMEDIATE");
    }

    @Override
    public RuntimeException failed(String what, SQLException e) {
        return new LogDamagedException("the file " + this + " cannot " + what + ": " + e.getMessage(), e);
    }

    @Override
    public String toString() {
        return path.toAbsolutePath().toString();
    }
}
