package io.meridian.persistence.internal.jdbc;

import io.meridian.persistence.JournalRows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The rows of the plugin's tables, over connections of their own. */
final class JdbcRows implements JournalRows {
    private static final String EVENTS = "SELECT sequence_number, event_payload, event_ser_manifest FROM event_journal"
            + " WHERE persistence_id = ? AND sequence_number BETWEEN ? AND ? AND deleted = FALSE"
            + " ORDER BY sequence_number LIMIT ?";
    private static final String LAST = "SELECT sequence_number, event_payload, event_ser_manifest FROM event_journal"
            + " WHERE persistence_id = ? AND deleted = FALSE ORDER BY sequence_number DESC LIMIT 1";
    /** Steps from id to id along the index, however many events each has. */
    private static final String IDS = """
            WITH RECURSIVE ids(id) AS (
              SELECT MIN(persistence_id) FROM event_journal
              UNION ALL
              SELECT (SELECT MIN(persistence_id) FROM event_journal WHERE persistence_id > ids.id)
              FROM ids WHERE ids.id IS NOT NULL)
            SELECT id FROM ids WHERE id IS NOT NULL""";

    private static final String SNAPSHOT = "SELECT snapshot_payload FROM snapshot"
            + " WHERE persistence_id = ? AND sequence_number <= ? ORDER BY sequence_number DESC LIMIT 1";

    private final Database database;
    private final ReadConnections connections;

    JdbcRows(Database database, int connections) {
        this.database = database;
        this.connections = new ReadConnections(database, connections);
    }

    @Override
    public void events(String persistenceId, long first, long last, Taker taker) {
        connections.use(connection -> {
            long next = first;
            while (next > 0) {
                next = page(connection, persistenceId, next, last, taker);
            }
            return true;
        });
    }

    /** The sequence number to go on from; 0 if that was all. */
    private long page(Connection connection, String persistenceId, long first, long last, Taker taker)
            throws SQLException {
        int rowsLeft = database.pageRows();
        try (PreparedStatement statement = connection.prepareStatement(EVENTS)) {
            statement.setString(1, persistenceId);
            statement.setLong(2, first);
            statement.setLong(3, last);
            statement.setInt(4, rowsLeft);
            try (ResultSet rows = statement.executeQuery()) {
                long at = 0;
                while (rows.next()) {
                    at = rows.getLong(1);
                    rowsLeft--;
                    if (!taker.take(row(rows))) {
                        return 0;
                    }
                }
                return rowsLeft == 0 && at < last ? at + 1 : 0;
            }
        }
    }

    @Override
    public Optional<Row> last(String persistenceId) {
        return connections.use(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(LAST)) {
                statement.setString(1, persistenceId);
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next() ? Optional.of(row(rows)) : Optional.empty();
                }
            }
        });
    }

    private static Row row(ResultSet rows) throws SQLException {
        return new Row(rows.getLong(1), rows.getBytes(2), rows.getString(3));
    }

    @Override
    public Optional<byte[]> snapshot(String persistenceId, long sequenceNumber) {
        return connections.use(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(SNAPSHOT)) {
                statement.setString(1, persistenceId);
                statement.setLong(2, sequenceNumber);
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next() ? Optional.of(rows.getBytes(1)) : Optional.empty();
                }
            }
        });
    }

    @Override
    public List<String> persistenceIds() {
        return connections.use(connection -> {
            List<String> ids = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement(IDS);
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    ids.add(rows.getString(1));
                }
            }
            return ids;
        });
    }

    @Override
    public long commitMark() {
        return connections.use(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(database.commitMark());
                    ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        });
    }

    @Override
    public Set<String> changedSince(long mark) {
        return connections.use(connection -> {
            Set<String> changed = new HashSet<>();
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT DISTINCT persistence_id FROM event_journal WHERE " + database.behindMark())) {
                statement.setLong(1, mark);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        changed.add(rows.getString(1));
                    }
                }
            }
            return changed;
        });
    }

    @Override
    public void close() {
        connections.close();
    }
}
