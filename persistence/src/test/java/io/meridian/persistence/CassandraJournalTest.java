package io.meridian.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.fixture.CassandraServer;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What only Cassandra has. */
class CassandraJournalTest {
    private static final MeshId MESH = new MeshId("bookinfo");

    @TempDir
    Path data;

    @Test
    void processesThatStartAtOnceMakeTheTablesOnce() throws Exception {
        int processes = 3;
        Config settings = JournalKind.CASSANDRA.settings(data);
        CyclicBarrier together = new CyclicBarrier(processes);
        try (ExecutorService threads = Executors.newFixedThreadPool(processes)) {
            List<Future<Boolean>> starts = threads.invokeAll(Collections.nCopies(processes, () -> {
                Journal journal = Journal.configured(settings, data);
                together.await();
                journal.prepare(Rows.REGION);
                return true;
            }));
            for (Future<Boolean> start : starts) {
                assertThat(start.get()).isTrue();
            }
        }
        try (Rows rows = new Rows(JournalKind.CASSANDRA, data);
                LogReader reader = JournalKind.CASSANDRA.journal(data).reader(1)) {
            rows.manifest(MESH, 1, new ManifestEvent.Promised(Epoch.NONE));
            assertThat(reader.meshes()).containsExactly(MESH);
        }
    }

    @Test
    void aKeyspaceOfAnotherRegionOrALaterVersionIsRefused() {
        Journal journal = JournalKind.CASSANDRA.journal(data);
        journal.prepare(new RegionId("eu-1", 1));

        assertThatThrownBy(() -> journal.prepare(new RegionId("us-1", 2)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("belongs to region 'eu-1 1' (name, index), not to 'us-1 2'");

        CassandraServer.execute(data, "UPDATE <ks>.meridian_region SET version = 1000 WHERE single = 0");
        assertThatThrownBy(() -> journal.prepare(new RegionId("eu-1", 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("tables of version 1000")
                .hasMessageContaining("upgrade it");
    }

    @Test
    void aSecondDatacenterIsRefused() {
        Journal journal = JournalKind.CASSANDRA.journal(data);
        Journal elsewhere = with("datacenter = elsewhere");
        assertThatThrownBy(() -> elsewhere.prepare(Rows.REGION))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no datacenter 'elsewhere' (meridian.journal.cassandra.datacenter)")
                .hasMessageContaining("[datacenter1]");

        journal.prepare(Rows.REGION);
        CassandraServer.execute(data, "UPDATE <ks>.meridian_region SET datacenter = 'other' WHERE single = 0");

        assertThatThrownBy(() -> journal.prepare(Rows.REGION))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is used in datacenter 'other', not in 'datacenter1'");
    }

    @Test
    void aKeyspaceThatWouldNotKeepThePromisesIsRefused() {
        CassandraServer.execute(
                data, "CREATE KEYSPACE <ks> WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
        assertThatThrownBy(() -> JournalKind.CASSANDRA.journal(data).prepare(Rows.REGION))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("must be replicated by NetworkTopologyStrategy to datacenter datacenter1");

        CassandraServer.execute(
                data,
                "ALTER KEYSPACE <ks> WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}"
                        + " AND durable_writes = false");
        assertThatThrownBy(() -> JournalKind.CASSANDRA.journal(data).prepare(Rows.REGION))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("durable_writes = false");
    }

    @Test
    void aCopyWithoutTheRowsTimestampsIsRefused() {
        Journal journal = JournalKind.CASSANDRA.journal(data);
        journal.prepare(Rows.REGION);
        CassandraServer.execute(
                data,
                "INSERT INTO <ks>.log_intent (bucket, persistence_id, sequence_number) VALUES (0, 'mesh|a|e1', 7)");

        assertThatThrownBy(() -> journal.prepare(Rows.REGION))
                .isInstanceOf(LogDamagedException.class)
                .hasMessageContaining("restored without its rows' timestamps (table log_intent, mesh|a|e1)");
    }

    @Test
    void aClusterThatIsAwayIsNamedAndNoPasswordIs() throws Exception {
        Path file = Files.writeString(data.resolve("password"), "sesame\n");
        Journal journal = of("contact-points = \"127.0.0.1:1, 127.0.0.1:2\", user = me, password-file = \"" + file
                + "\", connect-timeout = 1s");

        assertThatThrownBy(() -> journal.prepare(Rows.REGION))
                .isInstanceOf(JournalUnavailableException.class)
                .hasMessageContaining("the keyspace meridian at 127.0.0.1:1,127.0.0.1:2 cannot be reached")
                .hasMessageNotContaining("sesame");
        assertThat(journal.toString()).isEqualTo("cassandra the keyspace meridian at 127.0.0.1:1,127.0.0.1:2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "contact-points = \"\"|meridian.journal.cassandra.contact-points",
                "contact-points = \"h\"|meridian.journal.cassandra.contact-points",
                "contact-points = \"h:99999\"|meridian.journal.cassandra.contact-points",
                "keyspace = \"a; DROP\"|meridian.journal.cassandra.keyspace",
                "datacenter = \" \"|meridian.journal.cassandra.datacenter",
                "replication-factor = 0|meridian.journal.cassandra.replication-factor",
                "password = sesame|meridian.journal.cassandra.user",
                "user = x, password = sesame, password-file = y|meridian.journal.cassandra.password-file",
                "user = x, password-file = /nonexistent|meridian.journal.cassandra.password-file",
                "connect-timeout = 0s|meridian.journal.cassandra.connect-timeout",
                "request-timeout = -1s|meridian.journal.cassandra.request-timeout",
                "driver { basic.request.consistency = ONE }|meridian.journal.cassandra.driver",
            })
    void whatCannotBeUsedIsRefusedByTheNameOfItsKey(String text, String key) {
        assertThatThrownBy(() -> of(text))
                .isInstanceOf(ConfigException.BadValue.class)
                .hasMessageContaining(key)
                .hasMessageNotContaining("sesame");
    }

    @Test
    void theDriversOwnSettingsAreTaken() {
        Journal journal = with("driver { advanced.ssl-engine-factory.class = NoSuchFactory }");

        // The driver looks for the class if it was told.
        assertThatThrownBy(() -> journal.prepare(Rows.REGION)).hasStackTraceContaining("NoSuchFactory");
    }

    private static Journal of(String text) {
        return Journal.configured(
                ConfigFactory.parseString("meridian.journal { kind = cassandra, cassandra { " + text + " } }"),
                Path.of("unused"));
    }

    /** The server's, with other settings. */
    private Journal with(String text) {
        return Journal.configured(
                ConfigFactory.parseString("meridian.journal.cassandra { " + text + " }")
                        .withFallback(JournalKind.CASSANDRA.settings(data)),
                data);
    }
}
