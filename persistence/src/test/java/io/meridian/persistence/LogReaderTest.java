package io.meridian.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.EventCodec;
import io.meridian.model.mesh.MeshEvent;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource
class LogReaderTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final Epoch FIRST = MeshFixture.EPOCH;
    private static final Epoch SECOND = FIRST.next(2);
    private static final String SEGMENT = PersistenceIds.segment(MESH, FIRST);

    @Parameter
    JournalKind kind = JournalKind.SQLITE;

    @TempDir
    Path data;

    private Rows rows;
    private LogReader reader;

    @BeforeEach
    void open() {
        rows = new Rows(kind, data);
        reader = kind.journal(data).reader(2);
    }

    @AfterEach
    void close() {
        reader.close();
        rows.close();
    }

    @Test
    void anUnknownMeshHasAnEmptyLog() {
        assertThat(reader.read(MESH, 0, 10)).isEmpty();
        assertThat(reader.head(MESH)).isEqualTo(Head.empty(MESH));
        assertThat(reader.meshes()).isEmpty();
        assertThat(reader.stateAt(MESH, 0)).isEqualTo(LogState.empty(MESH));
    }

    @Test
    void eventsComeBackInTheBytesInWhichTheyWereWritten() {
        MeshFixture mesh = stored(MeshFixture.mesh("bookinfo").withCluster("k8s-1"));

        assertThat(reader.read(MESH, 0, 100)).isEqualTo(mesh.log());
        assertThat(reader.read(MESH, 2, 2)).isEqualTo(mesh.log().subList(2, 4));
        assertThat(reader.head(MESH)).isEqualTo(mesh.state().head());
        assertThat(reader.meshes()).containsExactly(MESH);
    }

    @Test
    void aReadGoesOnFromSegmentToSegment() {
        MeshFixture mesh = stored(MeshFixture.mesh("bookinfo"));
        EventEnvelope opened = opening(mesh);
        rows.manifest(
                MESH, 2, new ManifestEvent.SegmentListed(SECOND, mesh.log().size()));
        assertThat(reader.head(MESH)).isEqualTo(mesh.state().head());

        rows.events(mesh.log().size(), List.of(opened));

        assertThat(reader.read(MESH, 0, 100)).hasSize(5).endsWith(opened);
        assertThat(reader.read(MESH, 4, 100)).containsExactly(opened);
        assertThat(reader.read(MESH, 0, 4)).isEqualTo(mesh.log());
        assertThat(reader.head(MESH)).isEqualTo(opened.head());
        assertThat(reader.stateAt(MESH, 5).state().homeRegion()).isEqualTo("us-1");
        assertThat(reader.manifest(MESH).segmentOf(4).map(Manifest.Segment::epoch))
                .contains(FIRST);
        assertThat(reader.manifest(MESH).segmentOf(5).map(Manifest.Segment::epoch))
                .contains(SECOND);
    }

    @Test
    void aReadEndsAtAboutOneMebibyteButHasOneEventAtLeast() {
        MeshFixture mesh = MeshFixture.mesh("bookinfo");
        String large = "x".repeat(600 * 1024);
        for (int i = 0; i < 3; i++) {
            mesh.apply(MeshFixture.put(
                    MeshFixture.virtualService("default", "vs-" + i), "{\"hosts\":[\"" + large + "\"]}"));
        }
        stored(mesh);

        assertThat(reader.read(MESH, 4, 100)).hasSize(2);
        assertThat(reader.read(MESH, 6, 100)).hasSize(1);
    }

    @Test
    void aMissingEventIsNamedAndNotSkipped() {
        stored(MeshFixture.mesh("bookinfo"));
        rows.stored().delete(SEGMENT, 2, 2);

        assertThatThrownBy(() -> reader.read(MESH, 0, 100))
                .isInstanceOf(LogDamagedException.class)
                .hasMessageContaining("mesh bookinfo is damaged at position 1.2");
    }

    @Test
    void anEventAtAnothersPlaceIsNamed() {
        stored(MeshFixture.mesh("bookinfo"));
        rows.stored().replace(SEGMENT, 3, rows.stored().payload(SEGMENT, 2));

        assertThatThrownBy(() -> reader.read(MESH, 0, 100)).hasMessageContaining("position 1.3");
    }

    @Test
    void aChangedByteIsFoundByTheFold() {
        MeshFixture mesh = stored(MeshFixture.mesh("bookinfo"));
        EventEnvelope third = mesh.log().get(2);
        EventEnvelope forged = new EventEnvelope(
                third.header(),
                third.headerBytes(),
                third.payload().concat(ByteString.copyFromUtf8("x")),
                third.hash());
        rows.stored().replace(SEGMENT, 3, forged.toProto().toByteArray());

        assertThatThrownBy(() -> reader.stateAt(MESH, 4))
                .isInstanceOf(LogDamagedException.class)
                .hasMessageContaining("position 1.3")
                .hasMessageContaining("do not have the hash");
    }

    @Test
    void aStateIsTheSameFromASnapshotAndFromZero() {
        MeshFixture mesh = MeshFixture.mesh("bookinfo").withCluster("k8s-1");
        LogState middle = LogState.of(mesh.state());
        mesh.withNamespace("a").withNamespace("b");
        stored(mesh);
        LogState fromZero = reader.stateAt(MESH, 7);

        rows.snapshot(0, middle);

        assertThat(reader.snapshotAtOrBefore(MESH, 7)).contains(middle);
        assertThat(reader.snapshotAtOrBefore(MESH, 4)).isEmpty();
        assertThat(SnapshotCodec.stateHash(reader.stateAt(MESH, 7).state()))
                .isEqualTo(SnapshotCodec.stateHash(fromZero.state()))
                .isEqualTo(SnapshotCodec.stateHash(mesh.state()));
    }

    @Test
    void aDamagedSnapshotCostsTimeAndNothingElse() {
        MeshFixture mesh = stored(MeshFixture.mesh("bookinfo"));
        rows.snapshot(0, LogState.of(mesh.state()));
        rows.stored().cutSnapshots(40);

        assertThat(reader.stateAt(MESH, 4).state()).isEqualTo(mesh.state());
    }

    @Test
    void whatWasCommittedSinceAMarkIsFoundByMesh() {
        stored(MeshFixture.mesh("bookinfo"));
        long mark = reader.commitMark();
        assertThat(reader.changedAfter(mark).meshes()).isEmpty();

        stored(MeshFixture.mesh("other"));

        LogReader.Changes changes = reader.changedAfter(mark);
        assertThat(changes.meshes()).containsExactly(new MeshId("other"));
        assertThat(reader.changedAfter(changes.mark()).meshes()).isEmpty();
        assertThat(reader.meshes()).containsExactly(MESH, new MeshId("other"));
    }

    @Test
    void readsTensOfThousandsOfEventsASecond() {
        rows.manifest(MESH, 1, new ManifestEvent.SegmentListed(FIRST, 0));
        MeshFixture mesh = MeshFixture.mesh("bookinfo");
        EventEnvelope last = mesh.log().getLast();
        List<EventEnvelope> events = new ArrayList<>(mesh.log());
        for (int i = 0; i < 20_000; i++) {
            last = EventEnvelope.seal(
                    last.header().toBuilder()
                            .setSeq(last.seq() + 1)
                            .setPrevHash(last.hash().bytes())
                            .build(),
                    last.payload());
            events.add(last);
        }
        rows.events(0, events);
        long start = System.nanoTime();
        long at = 0;
        for (List<EventEnvelope> read = reader.read(MESH, at, 1000);
                !read.isEmpty();
                read = reader.read(MESH, at, 1000)) {
            at = read.getLast().seq();
        }
        double seconds = (System.nanoTime() - start) / 1e9;

        assertThat(at).isEqualTo(events.size());
        // The aim is 50,000; a machine that builds eight things at once gives less.
        assertThat(events.size() / seconds).isGreaterThan(10_000);
        System.out.printf("read %.0f events/s%n", events.size() / seconds);
    }

    private MeshFixture stored(MeshFixture mesh) {
        rows.manifest(mesh.state().id(), 1, new ManifestEvent.SegmentListed(FIRST, 0));
        rows.events(0, mesh.log());
        return mesh;
    }

    private static EventEnvelope opening(MeshFixture mesh) {
        EventCodec.Encoded opened = EventCodec.encode(new MeshEvent.SegmentOpened(
                FIRST,
                mesh.state().head().position().seq(),
                MeshEvent.SegmentOpened.Cause.HANDOVER,
                Optional.of(mesh.state()),
                SnapshotCodec.stateHash(mesh.state()),
                "us-1",
                Optional.empty()));
        return EventEnvelope.seal(
                mesh.log().getLast().header().toBuilder()
                        .setEpoch(SECOND.value())
                        .setSeq(mesh.state().head().position().seq() + 1)
                        .setPrevHash(mesh.state().head().hash().bytes())
                        .setType(opened.type())
                        .setSchemaVersion(opened.schemaVersion())
                        .setCommandId("")
                        .build(),
                opened.payload());
    }
}
