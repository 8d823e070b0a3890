package io.meridian.core;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.istio.IstioRules;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.Decider;
import io.meridian.model.mesh.HomeTurn;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.mesh.Turn;
import io.meridian.model.mesh.Writer;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a restart finds, and what it refuses. */
@ParameterizedClass
@EnumSource
class RecoveryTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final Config SNAPSHOTS = ConfigFactory.parseString("meridian.core.snapshot-every = 10");

    @TempDir
    static Path written;

    private static Hash stateHash = Hash.ZERO;
    private static List<EventEnvelope> log = List.of();

    @Parameter
    JournalKind kind = JournalKind.SQLITE;

    @TempDir
    Path data;

    /** 34 events with snapshots at 10, 20 and 30; each test damages a copy. */
    @BeforeParameterizedClassInvocation
    static void write(JournalKind kind) {
        try (TestRegion region = start(kind, written.resolve(kind.name()))) {
            region.create(MESH);
            for (int i = 0; i < 30; i++) {
                region.accept(MESH, TestRegion.label("v" + i));
            }
            stateHash = SnapshotCodec.stateHash(region.latest(MESH));
            log = region.log(MESH);
        }
    }

    @BeforeEach
    void copy() {
        kind.copy(written.resolve(kind.name()), data);
    }

    @Test
    void recoveryFromASnapshotAndFromZeroGiveTheSameStateHash() throws SQLException {
        assertThat(count("SELECT COUNT(*) FROM snapshot")).isEqualTo(3);
        try (TestRegion region = start(kind, data)) {
            assertThat(SnapshotCodec.stateHash(region.latest(MESH))).isEqualTo(stateHash);
            assertThat(region.log(MESH)).isEqualTo(log);
        }
        update("DELETE FROM snapshot");
        try (TestRegion region = start(kind, data)) {
            assertThat(SnapshotCodec.stateHash(region.latest(MESH))).isEqualTo(stateHash);
            assertThat(region.accept(MESH, TestRegion.label("goes-on")).seq()).isEqualTo(35);
        }
    }

    @Test
    void aDamagedSnapshotCostsTimeOnly() throws SQLException {
        update("UPDATE snapshot SET snapshot_payload = substr(snapshot_payload, 1, 4)");
        try (TestRegion region = start(kind, data)) {
            assertThat(SnapshotCodec.stateHash(region.latest(MESH))).isEqualTo(stateHash);
        }
    }

    @Test
    void anEventThatIsMissingIsRefusedByItsPosition() throws SQLException {
        update("DELETE FROM event_journal WHERE sequence_number = 33 AND persistence_id LIKE '%|e1'");
        refused("position 1.34: event 33 is missing before it");
    }

    @Test
    void aChangedEventIsRefusedByItsPosition() throws SQLException {
        byte[] changed = new String(log.getLast().toProto().toByteArray(), ISO_8859_1)
                .replace("a test", "a tset")
                .getBytes(ISO_8859_1);
        try (Connection connection = kind.connect(data);
                PreparedStatement update = connection.prepareStatement("UPDATE event_journal SET event_payload = ?"
                        + " WHERE sequence_number = 34 AND persistence_id LIKE '%|e1'")) {
            update.setBytes(1, changed);
            assertThat(update.executeUpdate()).isOne();
        }
        refused("1.34");
    }

    @Test
    void aJournalThatLostWhatItsSnapshotHoldsIsRefused() throws SQLException {
        update("DELETE FROM event_journal WHERE sequence_number >= 25 AND persistence_id LIKE '%|e1'");
        refused("damaged at position 1.30");
    }

    @Test
    void anotherWriterInTheJournalStopsTheEntityAndTheNextCallRecovers() throws SQLException {
        try (TestRegion region = start(kind, data)) {
            Position before = region.accept(MESH, TestRegion.label("mine"));
            insert(nextOfAnotherWriter(region));

            CommandOutcome loser = region.execute(MESH, TestRegion.label("lost"));

            assertThat(loser).isInstanceOf(CommandOutcome.Unknown.class);
            Await.until(
                    "the entity recovered",
                    () -> region.execute(MESH, TestRegion.label("again")) instanceof CommandOutcome.Accepted);
            assertThat(region.log(MESH).get((int) before.seq()).header().getWriterIncarnation())
                    .isEqualTo("another");
            assertThat(region.latest(MESH).head().position().seq()).isEqualTo(before.seq() + 2);
        }
    }

    @Test
    void aSegmentThatWasListedAndNeverBeganIsForgotten() throws SQLException {
        MeshId other = new MeshId("other");
        update("INSERT INTO event_journal (persistence_id, sequence_number, writer, write_timestamp, adapter_manifest,"
                + " event_payload, event_ser_id, event_ser_manifest) SELECT 'mesh|other|manifest', 1, writer, 0, '',"
                + " event_payload, event_ser_id, event_ser_manifest FROM event_journal"
                + " WHERE persistence_id = 'mesh|bookinfo|manifest'");
        try (TestRegion region = start(kind, data)) {
            assertThat(region.latest(other).head().isEmpty()).isTrue();
            assertThat(region.create(other)).isEqualTo(new Position(other, new Epoch(1), 4));
        }
        try (TestRegion region = start(kind, data)) {
            assertThat(region.log(other)).hasSize(4);
            assertThat(region.accept(other, TestRegion.label("a")).seq()).isEqualTo(5);
        }
    }

    private static TestRegion start(JournalKind kind, Path data) {
        return TestRegion.start(
                TestRegion.EU, data, new FakePeers(), List.of(), SNAPSHOTS.withFallback(kind.settings(data)));
    }

    private void refused(String reason) {
        try (TestRegion region = start(kind, data)) {
            assertThat(region.execute(MESH, TestRegion.label("a")))
                    .isInstanceOfSatisfying(
                            CommandOutcome.Unavailable.class,
                            unavailable -> assertThat(unavailable.message())
                                    .contains("mesh bookinfo")
                                    .contains(reason));
            assertThat(region.core()
                            .states()
                            .latest(MESH, Optional.empty(), TestRegion.TIMEOUT)
                            .toCompletableFuture())
                    .failsWithin(TestRegion.TIMEOUT)
                    .withThrowableThat()
                    .withMessageContaining(reason);
            MeshId other = new MeshId("unharmed");
            assertThat(region.create(other).seq()).isEqualTo(4);
        }
    }

    private static EventEnvelope nextOfAnotherWriter(TestRegion region) {
        Turn turn = new HomeTurn(new Decider(new IstioRules()))
                .take(
                        region.latest(MESH),
                        region.request(
                                MESH,
                                new MeshCommand.UpdateNamespace(
                                        "default",
                                        NamespaceSpec.newBuilder()
                                                .putLabels("value", "theirs")
                                                .build())),
                        new Writer(TestRegion.EU, new Epoch(1), "another", Instant.now()));
        return ((Turn.Commit) turn).envelopes().getFirst();
    }

    private void insert(EventEnvelope envelope) throws SQLException {
        try (Connection connection = kind.connect(data);
                PreparedStatement insert = connection.prepareStatement("INSERT INTO event_journal (persistence_id,"
                        + " sequence_number, writer, write_timestamp, adapter_manifest, event_payload, event_ser_id,"
                        + " event_ser_manifest) VALUES ('mesh|bookinfo|e1', ?, 'another', 0, '', ?, 641001,"
                        + " 'Envelope1')")) {
            insert.setLong(1, envelope.seq());
            insert.setBytes(2, envelope.toProto().toByteArray());
            insert.executeUpdate();
        }
    }

    private void update(String sql) throws SQLException {
        try (Connection connection = kind.connect(data);
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isPositive();
        }
    }

    private int count(String sql) throws SQLException {
        try (Connection connection = kind.connect(data);
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }
}
