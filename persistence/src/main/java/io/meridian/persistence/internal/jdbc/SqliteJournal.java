package io.meridian.persistence.internal.jdbc;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.InventoryStore;
import io.meridian.persistence.Journal;
import io.meridian.persistence.LogReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Two files in the data directory, so that the inventory's commits do not wait for the journal's. The plugin ships no tables for SQLite; the
 * columns are the plugin's. The unique key is what stops a second writer of a log, see docs/replication.md.
 */
public final class SqliteJournal implements Journal {
    private static final String JOURNAL = "journal.db";
    private static final String INVENTORY = "inventory.db";

    private static final List<String> JOURNAL_TABLES = List.of("""
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

    private static final List<String> INVENTORY_TABLES = List.of(
            // change: grows with every commit, so that another node finds what is new to it.
            """
            CREATE TABLE IF NOT EXISTS record (
              mesh TEXT NOT NULL,
              cluster TEXT NOT NULL,
              key BLOB NOT NULL,
              stamp INTEGER NOT NULL,
              stamp_region INTEGER NOT NULL,
              record BLOB NOT NULL,
              change INTEGER NOT NULL,
              PRIMARY KEY (mesh, cluster, key)) WITHOUT ROWID""",
            "CREATE INDEX IF NOT EXISTS record_change ON record (change)",
            "CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
            "INSERT OR IGNORE INTO counter VALUES ('stamp', 0), ('change', 0)");

    private final SqliteFile journal;
    private final SqliteFile inventory;

    public SqliteJournal(Path dataDirectory) {
        journal = new SqliteFile(dataDirectory.resolve(JOURNAL));
        inventory = new SqliteFile(dataDirectory.resolve(INVENTORY));
    }

    @Override
    public Config actorSettings() {
        return ConfigFactory.parseMap(
                        Map.of("pekko-persistence-jdbc.shared-databases.slick.db.url", journal.url()), "data directory")
                .withFallback(ConfigFactory.parseResources("meridian/journal-sqlite.conf"));
    }

    /** The data directory says whose it is. */
    @Override
    public void prepare(RegionId region) {
        journal.create(JOURNAL_TABLES);
    }

    @Override
    public boolean isRemote() {
        return false;
    }

    @Override
    public LogReader reader(int connections) {
        return new LogReader(new JdbcRows(journal, connections));
    }

    @Override
    public InventoryStore inventory() {
        inventory.create(INVENTORY_TABLES);
        return new JdbcInventoryStore(inventory);
    }

    @Override
    public String toString() {
        return "sqlite " + journal;
    }
}
