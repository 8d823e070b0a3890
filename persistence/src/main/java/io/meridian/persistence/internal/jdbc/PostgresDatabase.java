package io.meridian.persistence.internal.jdbc;

import io.meridian.persistence.JournalUnavailableException;
import io.meridian.persistence.LogDamagedException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * A database of a PostgreSQL server.
 *
 * @param url for the JDBC driver, without the password
 */
record PostgresDatabase(String url, String user, String password) implements Database {
    /** What a session needs besides: a commit is fsynced before it is acknowledged, whatever the role or the server has as default. */
    static final String INIT =
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";
    /** For the driver; what the URL says wins. Seconds: a server that does not answer is given up rather than waited for. */
    static final Map<String, String> PROPERTIES =
            Map.of("ApplicationName", "meridian", "connectTimeout", "5", "socketTimeout", "30", "tcpKeepAlive", "true");
    /** Read at a time: the driver holds them all in memory, and an event may have a MiB and more. */
    private static final int PAGE_ROWS = 50;
    /** data_corrupted, index_corrupted. */
    private static final Set<String> DAMAGED = Set.of("XX001", "XX002");

    @Override
    public Connection openForReading() throws SQLException {
        return open();
    }

    @Override
    public Connection openForWriting() throws SQLException {
        Connection connection = open();
        try {
            Database.execute(connection, List.of(INIT));
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private Connection open() throws SQLException {
        Properties properties = new Properties();
        properties.putAll(PROPERTIES);
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        return DriverManager.getConnection(url, properties);
    }

    @Override
    public int pageRows() {
        return PAGE_ROWS;
    }

    /**
     * The lowest transaction that may still be running. {@code ordering} would not do: it is given before the commit, so that a lower one may
     * become visible after a higher one.
     */
    @Override
    public String commitMark() {
        return "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    }

    @Override
    public String behindMark() {
        return "txid >= ?";
    }

    @Override
    public String inventoryRecords() {
        return "inventory_record";
    }

    @Override
    public String inventoryCounters() {
        return "inventory_counter";
    }

    @Override
    public List<String> beginExclusively() {
        return List.of("BEGIN", "SELECT value FROM inventory_counter WHERE name = 'stamp' FOR UPDATE");
    }

    @Override
    public RuntimeException failed(String what, SQLException e) {
        String message = this + " cannot " + what + ": " + e.getMessage();
        return DAMAGED.contains(String.valueOf(e.getSQLState()))
                ? new LogDamagedException(message, e)
                : new JournalUnavailableException(message, e);
    }

    /** Without the URL's parameters. */
    private String name() {
        int parameters = url.indexOf('?');
        return parameters < 0 ? url : url.substring(0, parameters);
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return "the database " + name();
    }
}
