package io.meridian.persistence.internal.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.Version;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.metadata.Node;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.JournalUnavailableException;
import io.meridian.persistence.LogDamagedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keyspace and its tables. Two processes may start at once: each asks the same node of the cluster to make what is missing, and a node makes one change
 * of tables after the other.
 */
final class CassandraSchema {
    private static final Logger LOG = LoggerFactory.getLogger(CassandraSchema.class);
    private static final Version LOWEST = Objects.requireNonNull(Version.parse("4.1.0"));
    /** Of all tables. A later one gets steps from this one. */
    private static final int VERSION = 1;
    /** A change of tables goes to every node. */
    private static final Duration CHANGE_TIMEOUT = Duration.ofSeconds(30);

    private static final Map<String, String> TABLES = new LinkedHashMap<>();

    static {
        TABLES.put("event_journal", """
                partition_number bigint,
                persistence_id text,
                sequence_number bigint,
                writer text,
                write_timestamp bigint,
                adapter_manifest text,
                event_ser_id int,
                event_ser_manifest text,
                event_payload blob,
                PRIMARY KEY ((persistence_id, partition_number), sequence_number)""");
        TABLES.put("log_intent", """
                bucket int,
                persistence_id text,
                sequence_number bigint,
                PRIMARY KEY (bucket, persistence_id)""");
        TABLES.put("snapshot", """
                persistence_id text,
                sequence_number bigint,
                created bigint,
                snapshot_ser_id int,
                snapshot_ser_manifest text,
                parts int,
                PRIMARY KEY (persistence_id, sequence_number)""");
        TABLES.put("snapshot_part", """
                persistence_id text,
                sequence_number bigint,
                part int,
                bytes blob,
                PRIMARY KEY ((persistence_id, sequence_number), part)""");
        // record: the region that gave the stamp, one byte, then the record; its timestamp is the stamp. See
        // CassandraInventoryStore.
        TABLES.put("inventory_record", """
                mesh text,
                cluster text,
                key blob,
                record blob,
                PRIMARY KEY ((mesh, cluster), key)""");
        // One partition: its counters and what they count change together.
        TABLES.put("inventory_change", """
                single int,
                stamp bigint static,
                change bigint static,
                mesh text,
                cluster text,
                cluster_change bigint,
                PRIMARY KEY (single, mesh, cluster)""");
        // One row at most; the last table, so that all the others are there where it is.
        TABLES.put("meridian_region", """
                single int PRIMARY KEY,
                name text,
                region_index int,
                datacenter text,
                version int""");
    }

    private final CassandraSettings settings;
    private final CqlSession session;
    /** Which is asked to change tables. */
    private final Node coordinator;

    private CassandraSchema(CassandraSettings settings, CqlSession session) {
        this.settings = settings;
        this.session = session;
        coordinator = safeNodes().stream()
                .min(Comparator.comparing(node -> String.valueOf(node.getHostId())))
                .orElseThrow(() -> new JournalUnavailableException(
                        settings + " cannot be opened: no node of datacenter " + settings.datacenter() + " answers"));
    }

    /** See {@link io.meridian.persistence.Journal#prepare}. */
    static void prepare(CassandraSettings settings, RegionId region) {
        try (CqlSession session = CassandraSession.connect(settings, settings.outsideKeyspace())) {
            CassandraSession.asking(settings, "be opened", () -> {
                CassandraSchema schema = new CassandraSchema(settings, session);
                schema.makeKeyspace();
                schema.makeTables();
                schema.claim(region);
                schema.refuseRowsWithoutTheirTimestamps();
                return true;
            });
        }
    }

    /** Those of the data center that answer, each for itself; one that is away keeps nobody from starting. */
    private List<Node> safeNodes() {
        List<Node> safe = new ArrayList<>();
        for (Node node : session.getMetadata().getNodes().values()) {
            if (settings.datacenter().equals(node.getDatacenter()) && isSafe(node)) {
                safe.add(node);
            }
        }
        return safe;
    }

    /** Whether it answers. Throws IllegalStateException if it would not keep what it acknowledges. */
    private boolean isSafe(Node node) {
        Version version = node.getCassandraVersion();
        if (version != null && version.compareTo(LOWEST) < 0) {
            throw new IllegalStateException(settings + " has a node of Cassandra " + version + ", " + node.getEndPoint()
                    + "; " + LOWEST + " or later is needed");
        }
        Row sync;
        try {
            sync = session.execute(SimpleStatement.newInstance(
                                    "SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'")
                            .setConsistencyLevel(DefaultConsistencyLevel.ONE)
                            .setNode(node))
                    .one();
        } catch (DriverException e) {
            LOG.warn(
                    "node does not answer: journal=\"{}\" node={} reason=\"{}\"",
                    settings,
                    node.getEndPoint(),
                    e.getMessage());
            return false;
        }
        if (sync != null && "periodic".equals(sync.getString("value")) && !settings.periodicCommitLogAllowed()) {
            throw new IllegalStateException(
                    settings + " has a node with commitlog_sync: periodic, " + node.getEndPoint()
                            + ": what it acknowledges is not on its disk yet. Set batch or group in its cassandra.yaml, or say "
                            + CassandraSettings.PATH
                            + ".allow-periodic-commit-log = on if replicas on machines that never fail together are enough");
        }
        return true;
    }

    private void makeKeyspace() {
        Row keyspace = keyspace();
        if (keyspace == null) {
            change("CREATE KEYSPACE IF NOT EXISTS " + settings.keyspace()
                    + " WITH replication = {'class': 'NetworkTopologyStrategy', '" + settings.datacenter() + "': "
                    + settings.replicationFactor() + "}");
            keyspace = Objects.requireNonNull(keyspace(), "the keyspace that was made");
        }
        Map<String, String> replication =
                Objects.requireNonNull(keyspace.getMap("replication", String.class, String.class));
        if (!replication.getOrDefault("class", "").endsWith("NetworkTopologyStrategy")
                || !replication.containsKey(settings.datacenter())) {
            throw new IllegalStateException(settings + " must be replicated by NetworkTopologyStrategy to datacenter "
                    + settings.datacenter() + "; it is " + replication);
        }
        if (!keyspace.getBoolean("durable_writes")) {
            throw new IllegalStateException(
                    settings + " has durable_writes = false: what it acknowledges would not survive; alter it");
        }
    }

    private @Nullable Row keyspace() {
        return session.execute(SimpleStatement.newInstance(
                                "SELECT replication, durable_writes FROM system_schema.keyspaces WHERE keyspace_name = ?",
                                settings.keyspace())
                        .setConsistencyLevel(DefaultConsistencyLevel.ONE)
                        .setNode(coordinator))
                .one();
    }

    private void makeTables() {
        Set<String> there = tables();
        if (there.contains("meridian_region")) {
            refuseLaterVersion();
        }
        List<String> made = new ArrayList<>();
        TABLES.forEach((name, columns) -> {
            if (!there.contains(name)) {
                change("CREATE TABLE IF NOT EXISTS " + table(name) + " (" + columns + ")");
                made.add(name);
            }
        });
        if (!made.isEmpty()) {
            LOG.info("tables made: journal=\"{}\" tables={}", settings, made);
        }
        conditionally(SimpleStatement.newInstance("INSERT INTO " + table("inventory_change")
                + " (single, stamp, change) VALUES (0, 0, 0) IF NOT EXISTS"));
    }

    private Set<String> tables() {
        Set<String> names = new HashSet<>();
        session.execute(SimpleStatement.newInstance(
                                "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?",
                                settings.keyspace())
                        .setConsistencyLevel(DefaultConsistencyLevel.ONE)
                        .setNode(coordinator))
                .forEach(row -> names.add(EventTable.text(row, "table_name")));
        return names;
    }

    private void refuseLaterVersion() {
        Row row = session.execute("SELECT version FROM " + table("meridian_region") + " WHERE single = 0")
                .one();
        if (row != null && row.getInt("version") > VERSION) {
            throw new IllegalStateException(settings + " has tables of version " + row.getInt("version")
                    + ", and this version knows " + VERSION + "; upgrade it");
        }
    }

    /**
     * The order of conditional writes holds within one data center only, so all processes of a region must use the same one. This one write is ordered over all
     * data centers.
     */
    private void claim(RegionId region) {
        Row owner = conditionally(SimpleStatement.newInstance(
                        "INSERT INTO " + table("meridian_region")
                                + " (single, name, region_index, datacenter, version) VALUES (0, ?, ?, ?, ?) IF NOT EXISTS",
                        region.name(),
                        region.index(),
                        settings.datacenter(),
                        VERSION)
                .setSerialConsistencyLevel(DefaultConsistencyLevel.SERIAL)
                .setConsistencyLevel(DefaultConsistencyLevel.QUORUM));
        if (owner == null) {
            return;
        }
        String name = EventTable.text(owner, "name") + " " + owner.getInt("region_index");
        String self = region.name() + " " + region.index();
        if (!name.equals(self)) {
            throw new IllegalStateException(
                    settings + " belongs to region '" + name + "' (name, index), not to '" + self + "'");
        }
        String datacenter = EventTable.text(owner, "datacenter");
        if (!datacenter.equals(settings.datacenter())) {
            throw new IllegalStateException(settings + " is used in datacenter '" + datacenter + "', not in '"
                    + settings.datacenter() + "': two writers would not see each other");
        }
    }

    /** A copy by COPY or by a tool that writes rows anew would make every later intent count as older. */
    private void refuseRowsWithoutTheirTimestamps() {
        ResultSet rows = session.execute("SELECT persistence_id, sequence_number, WRITETIME(sequence_number) AS written"
                + " FROM " + table("log_intent"));
        for (Row row : rows) {
            if (row.getLong("written") != row.getLong("sequence_number")) {
                throw new LogDamagedException(
                        settings + " was restored without its rows' timestamps (table log_intent, "
                                + EventTable.text(row, "persistence_id")
                                + "); restore it from snapshots of Cassandra (nodetool snapshot)");
            }
        }
    }

    private void change(String cql) {
        session.execute(SimpleStatement.newInstance(cql).setNode(coordinator).setTimeout(CHANGE_TIMEOUT));
        if (!session.checkSchemaAgreement()) {
            throw new JournalUnavailableException(
                    settings + " cannot be opened: its nodes do not agree on the tables yet; start again");
        }
    }

    /** What was there; null after the write. */
    private @Nullable Row conditionally(SimpleStatement statement) {
        ResultSet result = session.execute(statement.setTimeout(CHANGE_TIMEOUT));
        return result.wasApplied() ? null : result.one();
    }

    private String table(String name) {
        return settings.keyspace() + "." + name;
    }
}
