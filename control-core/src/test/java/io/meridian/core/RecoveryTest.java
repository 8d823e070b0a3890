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
import io.meridian.persistence.JournalRows;
import io.meridian.persistence.PersistenceIds;
import io.meridian.persistence.fixture.JournalKind;
import io.meridian.persistence.fixture.StoredRows;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
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
    private static final String SEGMENT = PersistenceIds.segment(MESH, new Epoch(1));
    private static final Config SNAPSHOTS = ConfigFactory.parseString("meridian.core.snapshot-every = 10");

    @TempDir
    static Path written;

    private static Hash stateHash = Hash.ZERO;
    private static List<EventEnvelope> log = List.of();

    @Parameter
    JournalKind kind = JournalKind.SQLITE;

    @TempDir
    Path data;

    @SuppressWarnings("NullAway.Init")
    private StoredRows rows;

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
        rows = kind.rows(data);
    }

    @AfterEach
    void close() {
        rows.close();
    }

    @Test
    void recoveryFromASnapshotAndFromZeroGiveTheSameStateHash() {
        assertThat(rows.snapshots()).isEqualTo(3);
        try (TestRegion region = start(kind, data)) {
            assertThat(SnapshotCodec.stateHash(region.latest(MESH))).isEqualTo(stateHash);
            assertThat(region.log(MESH)).isEqualTo(log);
        }
        rows.deleteSnapshots();
        try (TestRegion region = start(kind, data)) {
            assertThat(SnapshotCodec.stateHash(region.latest(MESH))).isEqualTo(stateHash);
            assertThat(region.accept(MESH, TestRegion.label("goes-on")).seq()).isEqualTo(35);
        }
    }

    @Test
    void aDamagedSnapshotCostsTimeOnly() {
        rows.cutSnapshots(4);
        try (TestRegion region = start(kind, data)) {
            assertThat(SnapshotCodec.stateHash(region.latest(MESH))).isEqualTo(stateHash);
        }
    }

    @Test
    void anEventThatIsMissingIsRefusedByItsPosition() {
        rows.delete(SEGMENT, 33, 33);
        refused("position 1.34: event 33 is missing before it");
    }

    @Test
    void aChangedEventIsRefusedByItsPosition() {
        byte[] changed = new String(log.getLast().toProto().toByteArray(), ISO_8859_1)
                .replace("a test", "a tset")
                .getBytes(ISO_8859_1);
        rows.replace(SEGMENT, 34, changed);
        refused("1.34");
    }

    @Test
    void aJournalThatLostWhatItsSnapshotHoldsIsRefused() {
        rows.delete(SEGMENT, 25, 1000);
        refused("damaged at position 1.30");
    }

    @Test
    void anotherWriterInTheJournalStopsTheEntityAndTheNextCallRecovers() {
        try (TestRegion region = start(kind, data)) {
            Position before = region.accept(MESH, TestRegion.label("mine"));
            EventEnvelope theirs = nextOfAnotherWriter(region);
            rows.insert(
                    SEGMENT,
                    List.of(new JournalRows.Row(theirs.seq(), theirs.toProto().toByteArray(), "Envelope1")));

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
    void aSegmentThatWasListedAndNeverBeganIsForgotten() {
        MeshId other = new MeshId("other");
        rows.insert(
                PersistenceIds.manifest(other),
                List.of(new JournalRows.Row(1, rows.payload(PersistenceIds.manifest(MESH), 1), "SegmentListed1")));
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
}
