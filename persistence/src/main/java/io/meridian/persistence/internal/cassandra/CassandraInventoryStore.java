package io.meridian.persistence.internal.cassandra;

import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.model.inventory.HybridClock;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.InventoryStore;
import io.meridian.persistence.LogDamagedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Inventory in two tables. A record's stamp is its timestamp in Cassandra, and the region that gave the stamp is its first byte: so Cassandra itself keeps the
 * newest of each key, and of two with the same stamp the one of the higher region.
 *
 * <p>There is no transaction over partitions. First the counter of stamps is raised, then the records are written, then the change is counted, so that
 * whoever sees a change's number finds its records. After a failure some of a report's records may be stored; the next change of the cluster tells
 * other nodes of them.
 */
final class CassandraInventoryStore implements InventoryStore {
    /** Of one write, roughly: Cassandra warns of larger ones, and refuses much larger ones. */
    private static final int WRITE_BYTES = 256 * 1024;

    private static final String COUNTERS = "SELECT stamp, change FROM inventory_change WHERE single = 0 LIMIT 1";
    private static final String RAISE_STAMP = "UPDATE inventory_change SET stamp = ? WHERE single = 0 IF stamp = ?";
    private static final String COUNT = "UPDATE inventory_change SET change = ? WHERE single = 0 IF change = ?";
    private static final String COUNT_CLUSTER =
            "UPDATE inventory_change SET cluster_change = ? WHERE single = 0 AND mesh = ? AND cluster = ?";
    private static final String CLUSTERS =
            "SELECT mesh, cluster, cluster_change, change FROM inventory_change WHERE single = 0";
    private static final String PUT =
            "INSERT INTO inventory_record (mesh, cluster, key, record) VALUES (?, ?, ?, ?) USING TIMESTAMP ?";
    private static final String RECORDS = "SELECT record FROM inventory_record WHERE mesh = ? AND cluster = ?";
    private static final String NEWEST =
            "SELECT MAX(WRITETIME(record)) AS stamp FROM inventory_record WHERE mesh = ? AND cluster = ?";
    private static final String FORGET =
            "DELETE FROM inventory_record USING TIMESTAMP ? WHERE mesh = ? AND cluster = ?";

    private final SharedSession.Use use;
    private final CassandraSession session;

    /** {@code use} is ended with this. */
    CassandraInventoryStore(SharedSession.Use use) {
        this.use = use;
        session = use.session();
    }

    @Override
    public List<InventoryRecord> stampAndStore(
            MeshId mesh, String cluster, long wallMillis, LongFunction<List<InventoryRecord>> stamping) {
        long last = counter("stamp");
        while (true) {
            long stamp = HybridClock.next(last, wallMillis);
            List<InventoryRecord> stamped = stamping.apply(stamp);
            if (stamped.isEmpty()) {
                return stamped;
            }
            Row met = raiseStamp(last, stamp);
            if (met == null) {
                put(mesh, cluster, stamped);
                return stamped;
            }
            last = met.getLong("stamp");
        }
    }

    @Override
    public void store(MeshId mesh, String cluster, List<InventoryRecord> records) {
        long newest =
                records.stream().mapToLong(InventoryRecord::getStamp).max().orElse(0);
        long last = counter("stamp");
        while (last < newest) {
            Row met = raiseStamp(last, newest);
            last = met == null ? newest : met.getLong("stamp");
        }
        put(mesh, cluster, records);
    }

    private @Nullable Row raiseStamp(long from, long to) {
        return session.conditionally(List.of(session.bind(RAISE_STAMP, List.of(to, from))));
    }

    private void put(MeshId mesh, String cluster, List<InventoryRecord> records) {
        List<BoundStatement> writes = new ArrayList<>();
        int bytes = 0;
        for (InventoryRecord record : records) {
            ByteBuffer stored = stored(record);
            bytes += stored.remaining();
            writes.add(session.bind(
                    PUT,
                    List.of(
                            mesh.value(),
                            cluster,
                            record.getKey().toByteString().asReadOnlyByteBuffer(),
                            stored,
                            record.getStamp())));
            if (bytes > WRITE_BYTES) {
                session.write(writes);
                writes.clear();
                bytes = 0;
            }
        }
        if (!writes.isEmpty()) {
            session.write(writes);
        }
        count(mesh, cluster);
    }

    private void count(MeshId mesh, String cluster) {
        long last = counter("change");
        while (true) {
            long change = last + 1;
            Row met = session.conditionally(List.of(
                    session.bind(COUNT, List.of(change, last)),
                    session.bind(COUNT_CLUSTER, List.of(change, mesh.value(), cluster))));
            if (met == null) {
                return;
            }
            last = met.getLong("change");
        }
    }

    private long counter(String name) {
        return Objects.requireNonNull(session.one(COUNTERS), "the counters are made with the tables")
                .getLong(name);
    }

    /** What came before is deleted, not what may come of it again: that has newer stamps. */
    @Override
    public void forget(MeshId mesh, String cluster) {
        Row newest = session.one(NEWEST, mesh.value(), cluster);
        if (newest != null && !newest.isNull("stamp")) {
            session.write(FORGET, newest.getLong("stamp"), mesh.value(), cluster);
        }
    }

    /** Of a cluster in which anything changed, all records. */
    @Override
    public Changes changedAfter(long mark) {
        List<Changed> places = new ArrayList<>();
        long[] last = {mark};
        session.each(CLUSTERS, List.of(), row -> {
            if (row.isNull("mesh")) {
                return;
            }
            if (places.isEmpty()) {
                // Of the first page: what is counted while others are read is found now or the next time.
                last[0] = Math.max(mark, row.getLong("change"));
            }
            places.add(new Changed(
                    new MeshId(EventTable.text(row, "mesh")),
                    EventTable.text(row, "cluster"),
                    row.getLong("cluster_change") > mark ? records(row) : List.of()));
        });
        return new Changes(
                places.stream().filter(changed -> !changed.records().isEmpty()).toList(), last[0]);
    }

    private List<InventoryRecord> records(Row place) {
        List<InventoryRecord> records = new ArrayList<>();
        session.each(
                RECORDS,
                List.of(EventTable.text(place, "mesh"), EventTable.text(place, "cluster")),
                row -> records.add(record(EventTable.bytes(row, "record"))));
        return records;
    }

    private static ByteBuffer stored(InventoryRecord record) {
        byte[] bytes = record.toByteArray();
        return ByteBuffer.allocate(1 + bytes.length)
                .put((byte) record.getStampRegion())
                .put(bytes)
                .flip();
    }

    private InventoryRecord record(ByteBuffer stored) {
        try {
            ByteString bytes = ByteString.copyFrom(stored);
            return InventoryRecord.parseFrom(bytes.substring(Math.min(1, bytes.size())));
        } catch (InvalidProtocolBufferException e) {
            throw new LogDamagedException(use + " holds an inventory record that cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        use.close();
    }
}
