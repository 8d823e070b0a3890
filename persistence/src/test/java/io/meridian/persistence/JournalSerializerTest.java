package io.meridian.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.Member;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.fixture.JournalKind;
import io.meridian.persistence.internal.JournalSerializer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalSerializerTest {
    @TempDir
    Path data;

    private final MeshFixture mesh = MeshFixture.mesh("bookinfo").withCluster("k8s-1");

    @Test
    void whatIsWrittenIsReadBack() {
        try (Rows rows = new Rows(JournalKind.SQLITE, data)) {
            JournalSerializer serializer = rows.serializer();
            for (Object object : List.of(
                    LogEvent.recovered(mesh.log().getLast()),
                    LogState.of(mesh.state()),
                    new ManifestEvent.SegmentListed(new Epoch(65), 12),
                    new ManifestEvent.SegmentDropped(new Epoch(65)),
                    new ManifestEvent.Promised(new Epoch(66)),
                    new ManifestEvent.MembersNoted(note()))) {
                assertThat(serializer.fromBinary(serializer.toBinary(object), serializer.manifest(object)))
                        .isEqualTo(object);
            }
        }
    }

    private MembersNote note() {
        Head head = mesh.log().getLast().head();
        return new MembersNote(
                head.position(),
                Position.before(head.position().mesh()),
                List.of(new Member(new RegionId("eu-1", 1), false), new Member(new RegionId("w-1", 3), true)),
                head);
    }

    @Test
    void anEventsRowIsItsEnvelope() {
        try (Rows rows = new Rows(JournalKind.SQLITE, data)) {
            assertThat(rows.serializer().toBinary(LogEvent.written(mesh.log().getLast(), LogState.of(mesh.state()))))
                    .isEqualTo(mesh.log().getLast().toProto().toByteArray());
        }
    }

    @Test
    void aFormOfTomorrowIsRefusedByName() {
        try (Rows rows = new Rows(JournalKind.SQLITE, data)) {
            assertThatThrownBy(() -> rows.serializer().fromBinary(new byte[0], "Envelope9"))
                    .isInstanceOf(LogDamagedException.class)
                    .hasMessageContaining("'Envelope9'");
        }
    }

    @Test
    void aDamagedSnapshotIsRefused() {
        try (Rows rows = new Rows(JournalKind.SQLITE, data)) {
            byte[] bytes = rows.serializer().toBinary(LogState.of(mesh.state()));
            bytes[bytes.length - 1]++;

            assertThatThrownBy(() -> JournalSerializer.state(bytes))
                    .isInstanceOf(LogDamagedException.class)
                    .hasMessageContaining("does not have the hash");
            assertThatThrownBy(() -> JournalSerializer.state(new byte[3])).isInstanceOf(LogDamagedException.class);
        }
    }
}
