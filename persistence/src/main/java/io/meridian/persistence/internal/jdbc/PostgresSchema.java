package io.meridian.persistence.internal.jdbc;

import io.meridian.model.position.RegionId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables in PostgreSQL, in the schema that the connection's search path begins with. They change by steps that are applied once each, in order; a
 * step that was released is never changed. The primary key of event_journal is what stops a second writer of a log.
 */
final class PostgresSchema {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresSchema.class);
    private static final int LOWEST_VERSION = 13;
    /** Of the advisory lock that lets one process at a time change the tables. Any number that nobody else has. */
    private static final long LOCK = 641_001_641_002L;

    private static final List<List<String>> STEPS = List.of(List.of(
            // The plugin's columns, and txid: which transaction stored the row. Ids are compared as in SQLite, by byte.
            """
            CREATE TABLE event_journal (
              ordering BIGSERIAL UNIQUE,
              persistence_id TEXT COLLATE "C" NOT NULL,
              sequence_number BIGINT NOT NULL,
              deleted BOOLEAN DEFAULT FALSE NOT NULL,
              writer TEXT NOT NULL,
              write_timestamp BIGINT,
              adapter_manifest TEXT,
              event_ser_id INTEGER NOT NULL,
              event_ser_manifest TEXT NOT NULL,
              event_payload BYTEA NOT NULL,
              meta_ser_id INTEGER,
              meta_ser_manifest TEXT,
              meta_payload BYTEA,
              txid BIGINT DEFAULT pg_current_xact_id()::text::bigint NOT NULL,
              PRIMARY KEY (persistence_id, sequence_number))""",
            "CREATE INDEX event_journal_txid ON event_journal (txid)",
            """
            CREATE TABLE event_tag (
              event_id BIGINT REFERENCES event_journal (ordering) ON DELETE CASCADE,
              tag TEXT,
              PRIMARY KEY (event_id, tag))""",
            """
            CREATE TABLE snapshot (
              persistence_id TEXT COLLATE "C" NOT NULL,
              sequence_number BIGINT NOT NULL,
              created BIGINT NOT NULL,
              snapshot_ser_id INTEGER NOT NULL,
              snapshot_ser_manifest TEXT NOT NULL,
              snapshot_payload BYTEA NOT NULL,
              meta_ser_id INTEGER,
              meta_ser_manifest TEXT,
              meta_payload BYTEA,
              PRIMARY KEY (persistence_id, sequence_number))""",
            """
            CREATE TABLE inventory_record (
              mesh TEXT COLLATE "C" NOT NULL,
              cluster TEXT COLLATE "C" NOT NULL,
              key BYTEA NOT NULL,
              stamp BIGINT NOT NULL,
              stamp_region INTEGER NOT NULL,
              record BYTEA NOT NULL,
              change BIGINT NOT NULL,
              PRIMARY KEY (mesh, cluster, key))""",
            "CREATE INDEX inventory_record_change ON inventory_record (change)",
            "CREATE TABLE inventory_counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
            "INSERT INTO inventory_counter VALUES ('stamp', 0), ('change', 0)",
            // One row at most.
            """
            CREATE TABLE meridian_region (
              single BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (single),
              name TEXT NOT NULL,
              index INTEGER NOT NULL)"""));

    private PostgresSchema() {}

    /** See {@link io.meridian.persistence.Journal#prepare}. */
    static void prepare(PostgresDatabase database, RegionId region) {
        try (Connection connection = database.openForWriting()) {
            refuseUnsafe(connection, database);
            connection.setAutoCommit(false);
            // Until the end of the transaction.
            Database.execute(connection, List.of("SELECT pg_advisory_xact_lock(" + LOCK + ")"));
            migrate(connection, database);
            claim(connection, database, region);
            forgetTransactionsOfAnotherServer(connection);
            connection.commit();
        } catch (SQLException e) {
            throw database.failed("be opened", e);
        }
    }

    private static void refuseUnsafe(Connection connection, PostgresDatabase database) throws SQLException {
        int version = connection.getMetaData().getDatabaseMajorVersion();
        if (version < LOWEST_VERSION) {
            throw new IllegalStateException(
                    database + " is of PostgreSQL " + version + "; " + LOWEST_VERSION + " or later is needed");
        }
        if (text(connection, "SELECT current_setting('fsync')").equals("off")) {
            throw new IllegalStateException(database
                    + " has fsync = off: what it acknowledges would not survive a crash of its machine; turn it on");
        }
    }

    private static void migrate(Connection connection, PostgresDatabase database) throws SQLException {
        Database.execute(connection, List.of("CREATE TABLE IF NOT EXISTS meridian_schema (version INTEGER NOT NULL)"));
        int version = Integer.parseInt(text(connection, "SELECT COALESCE(MAX(version), 0) FROM meridian_schema"));
        if (version > STEPS.size()) {
            throw new IllegalStateException(database + " has tables of version " + version + ", and this version knows "
                    + STEPS.size() + "; upgrade it");
        }
        for (int next = version + 1; next <= STEPS.size(); next++) {
            Database.execute(connection, STEPS.get(next - 1));
            Database.execute(connection, List.of("INSERT INTO meridian_schema VALUES (" + next + ")"));
            LOG.info("tables changed: journal=\"{}\" version={}", database, next);
        }
    }

    private static void claim(Connection connection, PostgresDatabase database, RegionId region) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO meridian_region (name, index) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
            insert.setString(1, region.name());
            insert.setInt(2, region.index());
            insert.executeUpdate();
        }
        String owner = text(connection, "SELECT name || ' ' || index FROM meridian_region");
        String self = region.name() + " " + region.index();
        if (!owner.equals(self)) {
            throw new IllegalStateException(
                    database + " belongs to region '" + owner + "' (name, index), not to '" + self + "'");
        }
    }

    /** A restored dump may come from a server that had counted further: its rows would be behind every mark. */
    private static void forgetTransactionsOfAnotherServer(Connection connection) throws SQLException {
        Database.execute(
                connection,
                List.of("UPDATE event_journal SET txid = 0"
                        + " WHERE txid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint"));
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? rows.getString(1) : "";
        }
    }
}
