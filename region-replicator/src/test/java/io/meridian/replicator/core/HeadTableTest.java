package io.meridian.replicator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeadTableTest {
    private static final MeshId BOOKINFO = new MeshId("bookinfo");
    private static final MeshId SHOP = new MeshId("shop");
    private static final RegionId EU = new RegionId("eu-1", 1);
    private static final RegionId US = new RegionId("us-1", 2);
    private static final RegionId AP = new RegionId("ap-1", 3);

    private final HeadTable empty = HeadTable.empty(US);

    @Test
    void theHighestEpochNamesTheHomeWhoeverToldIt() {
        HeadTable table = empty.withOwn(head(BOOKINFO, 1, 90)).withPeer(EU, List.of(head(BOOKINFO, 1, 100)), true);
        assertThat(table.homeIndex(BOOKINFO)).contains(1);
        assertThat(table.lagEvents(BOOKINFO)).isEqualTo(10);

        HeadTable moved = table.withPeer(EU, List.of(head(BOOKINFO, 67, 95)), false);
        assertThat(moved.homeIndex(BOOKINFO))
                .as("67 is of region 3, though seq 95 is lower")
                .contains(3);
    }

    @Test
    void nobodyIsHomeOfAMeshWithoutEvents() {
        HeadTable table = empty.withPeer(EU, List.of(Head.empty(BOOKINFO)), true);
        assertThat(table.homeIndex(BOOKINFO)).isEmpty();
        assertThat(table.homeIndex(SHOP)).isEmpty();
    }

    @Test
    void aFullReportReplacesWhatWasKnownAndAPartialOneAddsToIt() {
        HeadTable table =
                empty.withPeer(EU, List.of(head(BOOKINFO, 1, 5)), true).withPeer(EU, List.of(head(SHOP, 1, 7)), false);
        assertThat(table.meshes()).containsExactlyInAnyOrder(BOOKINFO, SHOP);
        assertThat(table.withPeer(EU, List.of(head(SHOP, 1, 7)), true).meshes()).containsExactly(SHOP);
        assertThat(table.peerHead(AP, SHOP)).isEmpty();
    }

    @Test
    void aHomeThatHoldsLessThanAReplicaLostItsTail() {
        HeadTable table = empty.withOwn(head(BOOKINFO, 2, 5));
        assertThat(table.withPeer(EU, List.of(head(BOOKINFO, 2, 5)), true).homeLostItsTail(BOOKINFO))
                .isFalse();
        assertThat(table.withPeer(EU, List.of(head(BOOKINFO, 2, 6)), true).homeLostItsTail(BOOKINFO))
                .isTrue();
        assertThat(table.withPeer(EU, List.of(head(BOOKINFO, 65, 6)), true).homeLostItsTail(BOOKINFO))
                .as("no longer home")
                .isFalse();
    }

    private static Head head(MeshId mesh, long epoch, long seq) {
        return new Head(new Position(mesh, new Epoch(epoch), seq), Hash.ZERO);
    }
}
