package io.meridian.persistence.internal.jdbc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.model.inventory.HybridClock;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.InventoryStore;
import io.meridian.persistence.LogDamagedException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Inventory in two tables of a database, over one connection, which is opened again after a failure. */
final class JdbcInventoryStore implements InventoryStore {
    private final Database database;
    private final String records;
    private final String counters;
    private @Nullable Connection connection;

    JdbcInventoryStore(Database database) {
        this.database = database;
        records = database.inventoryRecords();
        counters = database.inventoryCounters();
    }

    @Override
    public List<InventoryRecord> stampAndStore(
            MeshId mesh, String cluster, long wallMillis, LongFunction<List<InventoryRecord>> stamping) {
        return transaction(connection -> {
            long stamp = HybridClock.next(counter(connection, "stamp"), wallMillis);
            List<InventoryRecord> stamped = stamping.apply(stamp);
            if (!stamped.isEmpty()) {
                put(connection, mesh, cluster, stamped, stamp);
            }
            return stamped;
        });
    }

    @Override
    public void store(MeshId mesh, String cluster, List<InventoryRecord> stamped) {
        long newest =
                stamped.stream().mapToLong(InventoryRecord::getStamp).max().orElse(0);
        transaction(connection -> {
            put(connection, mesh, cluster, stamped, Math.max(counter(connection, "stamp"), newest));
            return true;
        });
    }

    @Override
    public void forget(MeshId mesh, String cluster) {
        transaction(connection -> {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM " + records + " WHERE mesh = ? AND cluster = ?")) {
                delete.setString(1, mesh.value());
                delete.setString(2, cluster);
                return delete.executeUpdate();
            }
        });
    }

    @Override
    public Changes changedAfter(long mark) {
        return transaction(connection -> {
            List<Changed> changed = new ArrayList<>();
            long last = mark;
            try (PreparedStatement select = connection.prepareStatement("SELECT mesh, cluster, record, change FROM "
                    + records + " WHERE change > ? ORDER BY mesh, cluster, key")) {
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
                    database + " holds an inventory record that cannot be read: " + e.getMessage(), e);
        }
    }

    private void put(Connection connection, MeshId mesh, String cluster, List<InventoryRecord> stamped, long stamp)
            throws SQLException {
        long change = counter(connection, "change") + 1;
        set(connection, "change", change);
        set(connection, "stamp", stamp);
        try (PreparedStatement upsert = connection.prepareStatement("INSERT INTO " + records
                + " (mesh, cluster, key, stamp, stamp_region, record, change) VALUES (?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (mesh, cluster, key) DO UPDATE SET stamp = excluded.stamp,"
                + " stamp_region = excluded.stamp_region, record = excluded.record, change = excluded.change"
                + " WHERE excluded.stamp > " + records + ".stamp OR (excluded.stamp = " + records
                + ".stamp AND excluded.stamp_region > " + records + ".stamp_region)")) {
            for (InventoryRecord record : stamped) {
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

    private long counter(Connection connection, String name) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT value FROM " + counters + " WHERE name = ?")) {
            select.setString(1, name);
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    private void set(Connection connection, String name, long value) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE " + counters + " SET value = ? WHERE name = ?")) {
            update.setLong(1, value);
            update.setString(2, name);
            update.executeUpdate();
        }
    }

    @FunctionalInterface
    private interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    /** By statements: what begins a transaction differs, and SQLite's driver would begin the next one with its commit and keep the write lock. */
    private <T> T transaction(Work<T> work) {
        try {
            Connection open = connection == null ? database.openForWriting() : connection;
            connection = open;
            Database.execute(open, database.beginExclusively());
            try {
                T result = work.run(open);
                Database.execute(open, List.of("COMMIT"));
                return result;
            } catch (RuntimeException e) {
                Database.execute(open, List.of("ROLLBACK"));
                throw e;
            }
        } catch (SQLException e) {
            // Ends the transaction too.
            discard();
            throw database.failed("be used for the inventory", e);
        }
    }

    private void discard() {
        try {
            close();
        } catch (RuntimeException e) {
            // Of no use any more: what closing it has to say changes nothing.
        }
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open == null) {
            return;
        }
        try {
            open.close();
        } catch (SQLException e) {
            throw database.failed("be closed", e);
        }
    }
}
