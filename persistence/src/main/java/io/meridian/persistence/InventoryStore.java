package io.meridian.persistence;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.model.inventory.HybridClock;
import io.meridian.model.position.MeshId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Inventory records, the newest of each key, in a file of their own beside the journal: they are neither audited nor ordered with it, and
 * their commits must not wait for its. One connection; blocks; not thread-safe, its owner calls it from one thread. Other nodes of the region
 * may have the same file open.
 */
public final class InventoryStore implements AutoCloseable {
    private static final String FILE = "inventory.db";

    private static final List<String> TABLES = List.of(
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

    private static final String UPSERT = """
            INSERT INTO record (mesh, cluster, key, stamp, stamp_region, record, change) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (mesh, cluster, key) DO UPDATE SET
              stamp = excluded.stamp, stamp_region = excluded.stamp_region, record = excluded.record, change = excluded.change
            WHERE excluded.stamp > stamp OR (excluded.stamp = stamp AND excluded.stamp_region > stamp_region)""";

    /** Records of one cluster. */
    public record Changed(MeshId mesh, String cluster, List<InventoryRecord> records) {}

    /** What is behind a mark, and the next mark. */
    public record Changes(List<Changed> changed, long mark) {}

    private final Path file;
    private final Connection connection;

    /** Throws {@link LogDamagedException} if the file is there and is no sound database. */
    public InventoryStore(Path dataDirectory) {
        file = dataDirectory.resolve(FILE);
        try {
            connection = Sqlite.open(file);
            Sqlite.execute(connection, TABLES);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /**
     * Gives the next stamp to {@code stamping} and stores what it makes of it, in one transaction: no two nodes of a region ever give the same
     * stamp.
     *
     * @param wallMillis since 1970
     * @return what was stored, after the durable commit
     */
    public List<InventoryRecord> stampAndStore(
            MeshId mesh, String cluster, long wallMillis, LongFunction<List<InventoryRecord>> stamping) {
        return transaction(() -> {
            long stamp = HybridClock.next(counter("stamp"), wallMillis);
            List<InventoryRecord> records = stamping.apply(stamp);
            if (!records.isEmpty()) {
                put(mesh, cluster, records, stamp);
            }
            return records;
        });
    }

    /** Stores records that have stamps, unless newer ones are there, in one transaction. */
    public void store(MeshId mesh, String cluster, List<InventoryRecord> records) {
        long newest =
                records.stream().mapToLong(InventoryRecord::getStamp).max().orElse(0);
        transaction(() -> {
            put(mesh, cluster, records, Math.max(counter("stamp"), newest));
            return true;
        });
    }

    public void forget(MeshId mesh, String cluster) {
        transaction(() -> {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM record WHERE mesh = ? AND cluster = ?")) {
                delete.setString(1, mesh.value());
                delete.setString(2, cluster);
                return delete.executeUpdate();
            }
        });
    }

    /** Everything stored behind {@code mark}, by whichever node; 0 for everything there is. */
    public Changes changedAfter(long mark) {
        return transaction(() -> {
            List<Changed> changed = new ArrayList<>();
            long last = mark;
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT mesh, cluster, record, change FROM record WHERE change > ? ORDER BY mesh, cluster, key")) {
                select.setLong(1, mark);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        last = Math.max(last, rows.getLong(4));
                        add(changed, new MeshId(rows.getString(1)), rows.getString(2), record(rows.getBytes(3)));
                    }
                }
            }
            return new Changes(changed, last);
        });
    }

    private static void add(List<Changed> changed, MeshId mesh, String cluster, InventoryRecord record) {
        if (changed.isEmpty()
                || !changed.getLast().mesh().equals(mesh)
                || !changed.getLast().cluster().equals(cluster)) {
            changed.add(new Changed(mesh, cluster, new ArrayList<>()));
        }
        changed.getLast().records().add(record);
    }

    private InventoryRecord record(byte[] bytes) {
        try {
            return InventoryRecord.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new LogDamagedException(
                    file + " holds an inventory record that cannot be read: " + e.getMessage(), e);
        }
    }

    private void put(MeshId mesh, String cluster, List<InventoryRecord> records, long stamp) throws SQLException {
        long change = counter("change") + 1;
        set("change", change);
        set("stamp", stamp);
        try (PreparedStatement upsert = connection.prepareStatement(UPSERT)) {
            for (InventoryRecord record : records) {
                upsert.setString(1, mesh.value());
                upsert.setString(2, cluster);
                upsert.setBytes(3, record.getKey().toByteArray());
                upsert.setLong(4, record.getStamp());
                upsert.setInt(5, record.getStampRegion());
                upsert.setBytes(6, record.toByteArray());
                upsert.setLong(7, change);
                upsert.addBatch();
            }
            upsert.executeBatch();
        }
    }

    private long counter(String name) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT value FROM counter WHERE name = ?")) {
            select.setString(1, name);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    private void set(String name, long value) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE counter SET value = ? WHERE name = ?")) {
            update.setLong(1, value);
            update.setString(2, name);
            update.executeUpdate();
        }
    }

    @FunctionalInterface
    private interface Work<T> {
        T run() throws SQLException;
    }

    /** By statements, since the driver's own commit begins the next transaction at once and would keep the write lock. */
    private <T> T transaction(Work<T> work) {
        try {
            Sqlite.execute(connection, List.of("BEGIN IMMEDIATE"));
            try {
                T result = work.run();
                Sqlite.execute(connection, List.of("COMMIT"));
                return result;
            } catch (SQLException | RuntimeException e) {
                Sqlite.execute(connection, List.of("ROLLBACK"));
                throw e;
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private LogDamagedException failed(SQLException e) {
        return new LogDamagedException(
                "the inventory " + file.toAbsolutePath() + " cannot be used: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw failed(e);
        }
    }
}
