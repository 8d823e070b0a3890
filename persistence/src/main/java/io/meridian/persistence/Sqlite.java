package io.meridian.persistence;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** How a file is opened so that a commit that was acknowledged survives {@code kill -9} and a power cut: one fsync per commit. */
final class Sqlite {
    /** How long a statement waits for another writer of the same file: other nodes of the region, or the write-ahead log's turn. */
    private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(10);

    private Sqlite() {}

    /** Transactions take the write lock at once: one that begins by reading could not be promoted later without losing its snapshot. */
    static String url(Path file) {
        return "jdbc:sqlite:" + file.toAbsolutePath() + "?journal_mode=WAL&synchronous=FULL&transaction_mode=IMMEDIATE"
                + "&busy_timeout=" + BUSY_TIMEOUT.toMillis();
    }

    static Connection open(Path file) throws SQLException {
        return DriverManager.getConnection(url(file));
    }

    /** For reading: never takes the write lock. */
    static Connection openReadOnly(Path file) throws SQLException {
        Connection connection = DriverManager.getConnection(
                "jdbc:sqlite:" + file.toAbsolutePath() + "?busy_timeout=" + BUSY_TIMEOUT.toMillis());
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA query_only = ON");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    static void execute(Connection connection, List<String> statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
