package io.meridian.persistence;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * The journal's tables. The plugin ships none for SQLite; the columns are the plugin's. The unique key is what stops a second writer of a
 * log, see docs/replication.md; {@code ordering} grows with every commit, since SQLite has one writer at a time.
 */
public final class JournalSchema {
    private static final List<String> TABLES = List.of("""
            CREATE TABLE IF NOT EXISTS event_journal (
              ordering INTEGER PRIMARY KEY AUTOINCREMENT,
              deleted BOOLEAN DEFAULT 0 NOT NULL,
              persistence_id TEXT NOT NULL,
              sequence_number INTEGER NOT NULL,
              writer TEXT NOT NULL,
              write_timestamp INTEGER NOT NULL,
              adapter_manifest TEXT NOT NULL,
              event_payload BLOB NOT NULL,
              event_ser_id INTEGER NOT NULL,
              event_ser_manifest TEXT NOT NULL,
              meta_payload BLOB,
              meta_ser_id INTEGER,
              meta_ser_manifest TEXT,
              UNIQUE (persistence_id, sequence_number))""", """
            CREATE TABLE IF NOT EXISTS event_tag (
              event_id INTEGER NOT NULL REFERENCES event_journal (ordering) ON DELETE CASCADE,
              tag TEXT NOT NULL,
              PRIMARY KEY (event_id, tag))""", """
            CREATE TABLE IF NOT EXISTS snapshot (
              persistence_id TEXT NOT NULL,
              sequence_number INTEGER NOT NULL,
              created INTEGER NOT NULL,
              snapshot_ser_id INTEGER NOT NULL,
              snapshot_ser_manifest TEXT NOT NULL,
              snapshot_payload BLOB NOT NULL,
              meta_ser_id INTEGER,
              meta_ser_manifest TEXT,
              meta_payload BLOB,
              PRIMARY KEY (persistence_id, sequence_number))""");

    private JournalSchema() {}

    /**
     * Creates what is missing. Blocks. To be called before the actor system writes its first event.
     *
     * @throws LogDamagedException if the file is there and is no sound database
     */
    public static void create(Path dataDirectory) {
        Path file = JournalConfig.file(dataDirectory);
        try (Connection connection = Sqlite.open(file)) {
            Sqlite.execute(connection, TABLES);
        } catch (SQLException e) {
            throw new LogDamagedException(
                    "the journal " + file.toAbsolutePath() + " cannot be opened: " + e.getMessage(), e);
        }
    }
}
