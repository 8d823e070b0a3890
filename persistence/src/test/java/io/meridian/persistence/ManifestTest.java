package io.meridian.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import org.junit.jupiter.api.Test;

class ManifestTest {
    private static final Epoch ONE = new Epoch(1);
    private static final Epoch TWO = new Epoch(2);
    private final Manifest empty = Manifest.empty(new MeshId("bookinfo"));

    @Test
    void aSeqBelongsToTheSegmentWithTheNextLowerBase() {
        Manifest manifest =
                empty.next(new ManifestEvent.SegmentListed(ONE, 0)).next(new ManifestEvent.SegmentListed(TWO, 10));

        assertThat(empty.segmentOf(1)).isEmpty();
        assertThat(manifest.segmentOf(0)).isEmpty();
        assertThat(manifest.segmentOf(10).map(Manifest.Segment::epoch)).contains(ONE);
        assertThat(manifest.segmentOf(11).map(Manifest.Segment::epoch)).contains(TWO);
        assertThat(manifest.lastSeqOf(manifest.segments().getFirst())).isEqualTo(10);
        assertThat(manifest.lastSeqOf(manifest.segments().getLast())).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aSegmentThatNeverBeganCanBeListedAgainElsewhere() {
        Manifest manifest = empty.next(new ManifestEvent.SegmentListed(ONE, 0))
                .next(new ManifestEvent.SegmentListed(TWO, 10))
                .next(new ManifestEvent.SegmentDropped(TWO))
                .next(new ManifestEvent.SegmentListed(TWO, 12));

        assertThat(manifest.segments()).hasSize(2);
        assertThat(manifest.current()).contains(new Manifest.Segment(TWO, 12));
    }

    @Test
    void aPromiseNeverGoesBack() {
        assertThat(empty.next(new ManifestEvent.Promised(TWO))
                        .next(new ManifestEvent.Promised(ONE))
                        .promised())
                .isEqualTo(TWO);
    }

    @Test
    void idsOfLogsNameTheirMesh() {
        MeshId mesh = new MeshId("bookinfo");

        assertThat(PersistenceIds.segment(mesh, ONE)).isEqualTo("mesh|bookinfo|e1");
        assertThat(PersistenceIds.meshOf(PersistenceIds.segment(mesh, ONE))).contains(mesh);
        assertThat(PersistenceIds.meshOf(PersistenceIds.manifest(mesh))).contains(mesh);
        assertThat(PersistenceIds.meshOf("something|else")).isEmpty();
        assertThat(PersistenceIds.meshOf("mesh|")).isEmpty();
    }
}
