package io.meridian.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.fixture.JournalKind;
import io.meridian.persistence.fixture.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What only PostgreSQL has. */
class PostgresJournalTest {
    private static final String URL = "pekko-persistence-jdbc.shared-databases.slick.db.url";
    private static final String PASSWORD = "pekko-persistence-jdbc.shared-databases.slick.db.password";

    @TempDir
    Path data;

    @Test
    void itsTablesAreMadeOnceAndKept() throws SQLException {
        try (Rows rows = new Rows(JournalKind.POSTGRESQL, data)) {
            rows.manifest(new MeshId("bookinfo"), 1, new ManifestEvent.Promised(io.meridian.model.position.Epoch.NONE));
        }
        Journal again = JournalKind.POSTGRESQL.journal(data);
        again.prepare(Rows.REGION);

        try (LogReader reader = again.reader(1)) {
            assertThat(reader.meshes()).containsExactly(new MeshId("bookinfo"));
        }
    }

    @Test
    void aDatabaseOfAnotherRegionIsRefused() {
        Journal journal = JournalKind.POSTGRESQL.journal(data);
        journal.prepare(new RegionId("eu-1", 1));

        assertThatThrownBy(() -> journal.prepare(new RegionId("us-1", 2)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("belongs to region 'eu-1 1' (name, index), not to 'us-1 2'");
    }

    @Test
    void tablesOfALaterVersionAreRefused() throws SQLException {
        Journal journal = JournalKind.POSTGRESQL.journal(data);
        journal.prepare(Rows.REGION);
        execute("INSERT INTO meridian_schema VALUES (1000)");

        assertThatThrownBy(() -> journal.prepare(Rows.REGION))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("tables of version 1000")
                .hasMessageContaining("upgrade it");
    }

    @Test
    void aCommitThatBecomesVisibleAfterALaterOneIsNotMissed() throws SQLException {
        JournalKind.POSTGRESQL.journal(data).prepare(Rows.REGION);
        try (Connection slow = PostgresServer.connect(data);
                LogReader reader = JournalKind.POSTGRESQL.journal(data).reader(1)) {
            slow.setAutoCommit(false);
            insert(slow, "mesh|slow|manifest");
            long mark = reader.commitMark();
            execute(inserting("mesh|quick|manifest"));
            LogReader.Changes before = reader.changedAfter(mark);
            assertThat(before.meshes()).containsExactly(new MeshId("quick"));

            slow.commit();

            assertThat(reader.changedAfter(before.mark()).meshes()).contains(new MeshId("slow"));
        }
    }

    @Test
    void rowsOfARestoredDumpAreNotTakenForNewOnesForEver() throws SQLException {
        Journal journal = JournalKind.POSTGRESQL.journal(data);
        journal.prepare(Rows.REGION);
        execute(inserting("mesh|old|manifest"));
        // As if the server that the dump comes from had counted that far.
        execute("UPDATE event_journal SET txid = txid + 1000000000");

        journal.prepare(Rows.REGION);

        try (LogReader reader = journal.reader(1)) {
            assertThat(reader.changedAfter(reader.commitMark()).meshes()).isEmpty();
        }
    }

    @Test
    void aReaderAndAnInventoryGoOnAfterTheirConnectionsWereCut() throws SQLException {
        Journal journal = JournalKind.POSTGRESQL.journal(data);
        journal.prepare(Rows.REGION);
        MeshId mesh = new MeshId("bookinfo");
        try (LogReader reader = journal.reader(2);
                InventoryStore store = journal.inventory()) {
            reader.head(mesh);
            store.changedAfter(0);
            execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND application_name = 'meridian'");

            assertThatThrownBy(() -> reader.head(mesh)).isInstanceOf(JournalUnavailableException.class);
            assertThatThrownBy(() -> store.changedAfter(0)).isInstanceOf(JournalUnavailableException.class);

            assertThat(reader.head(mesh).isEmpty()).isTrue();
            store.store(mesh, "k8s-1", List.of());
        }
    }

    @Test
    void aServerThatIsAwayIsNamedAndNoPasswordIs() {
        Journal journal = of("url = \"jdbc:postgresql://127.0.0.1:1/meridian?sslmode=disable\", password = sesame");

        assertThatThrownBy(() -> journal.prepare(Rows.REGION))
                .isInstanceOf(JournalUnavailableException.class)
                .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/meridian")
                .hasMessageNotContaining("sesame");
        assertThat(journal.toString()).isEqualTo("postgresql the database jdbc:postgresql://127.0.0.1:1/meridian");
    }

    @Test
    void aPasswordMayComeFromAFile() throws IOException {
        Path file = Files.writeString(data.resolve("password"), "sesame\n");
        Config settings = of("password-file = \"" + file + "\"").actorSettings();

        assertThat(settings.getString(PASSWORD)).isEqualTo("sesame");
        assertThat(settings.getString(URL)).isEqualTo("jdbc:postgresql://127.0.0.1:5432/meridian");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "url = \"postgres://h/db\"|meridian.journal.postgresql.url",
                "url = \"jdbc:postgresql://h/db?password=x\"|meridian.journal.postgresql.url",
                "url = \"jdbc:postgresql://me:x@h/db\"|meridian.journal.postgresql.url",
                "connections = 0|meridian.journal.postgresql.connections",
                "password-file = /nonexistent|meridian.journal.postgresql.password-file",
                "password = x, password-file = y|meridian.journal.postgresql.password-file",
            })
    void whatCannotBeUsedIsRefusedByTheNameOfItsKey(String text, String key) {
        assertThatThrownBy(() -> of(text))
                .isInstanceOf(ConfigException.BadValue.class)
                .hasMessageContaining(key)
                .hasMessageNotContaining("sesame");
    }

    @Test
    void anUnknownKindIsRefused() {
        assertThatThrownBy(() -> Journal.configured(ConfigFactory.parseString("meridian.journal.kind = oracle"), data))
                .isInstanceOf(ConfigException.BadValue.class)
                .hasMessageContaining("meridian.journal.kind")
                .hasMessageContaining("cassandra, postgresql, sqlite");
    }

    private Journal of(String text) {
        return Journal.configured(
                ConfigFactory.parseString("meridian.journal { kind = postgresql, postgresql { " + text + " } }"), data);
    }

    private static void insert(Connection connection, String id) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(inserting(id));
        }
    }

    private static String inserting(String id) {
        return "INSERT INTO event_journal (persistence_id, sequence_number, writer, event_payload, event_ser_id,"
                + " event_ser_manifest) VALUES ('" + id + "', 1, 'w', '', 0, '')";
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = PostgresServer.connect(data);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
