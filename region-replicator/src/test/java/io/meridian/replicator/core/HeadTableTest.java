package io.meridian.replicator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.core.HeadTable.Told;
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
        HeadTable table = empty.withOwn(told(BOOKINFO, 1, 90)).withPeer(EU, List.of(told(BOOKINFO, 1, 100)), true);
        assertThat(table.homeIndex(BOOKINFO)).contains(1);
        assertThat(table.lagEvents(BOOKINFO)).isEqualTo(10);

        HeadTable moved = table.withPeer(EU, List.of(told(BOOKINFO, 67, 95)), false);
        assertThat(moved.homeIndex(BOOKINFO))
                .as("67 is of region 3, though seq 95 is lower")
                .contains(3);
    }

    @Test
    void nobodyIsHomeOfAMeshWithoutEvents() {
        HeadTable table = empty.withPeer(EU, List.of(new Told(Head.empty(BOOKINFO), new Epoch(66))), true);
        assertThat(table.homeIndex(BOOKINFO)).isEmpty();
        assertThat(table.homeIndex(SHOP)).isEmpty();
        assertThat(table.meshes()).isEmpty();
        assertThat(table.peerHead(EU, BOOKINFO)).isEmpty();
        assertThat(table.promised(EU, BOOKINFO)).isEqualTo(new Epoch(66));
        assertThat(table.promised(AP, BOOKINFO)).isEqualTo(Epoch.NONE);
    }

    @Test
    void aFullReportReplacesWhatWasKnownAndAPartialOneAddsToIt() {
        HeadTable table =
                empty.withPeer(EU, List.of(told(BOOKINFO, 1, 5)), true).withPeer(EU, List.of(told(SHOP, 1, 7)), false);
        assertThat(table.meshes()).containsExactlyInAnyOrder(BOOKINFO, SHOP);
        assertThat(table.withPeer(EU, List.of(told(SHOP, 1, 7)), true).meshes()).containsExactly(SHOP);
        assertThat(table.peerHead(AP, SHOP)).isEmpty();
    }

    @Test
    void anotherEpochAndAnotherPromiseAreNewsAndAGrownHeadIsNot() {
        HeadTable table = empty.withPeer(EU, List.of(told(BOOKINFO, 1, 5)), true);
        assertThat(table.tellsNews(EU, told(BOOKINFO, 1, 6))).isFalse();
        assertThat(table.tellsNews(EU, told(BOOKINFO, 66, 7))).isTrue();
        assertThat(table.tellsNews(EU, new Told(told(BOOKINFO, 1, 5).head(), new Epoch(66))))
                .isTrue();
        assertThat(table.tellsNews(EU, told(SHOP, 1, 1))).isTrue();
        assertThat(table.tellsNews(AP, told(BOOKINFO, 1, 5))).isTrue();
    }

    @Test
    void aHomeThatHoldsLessThanAReplicaLostItsTail() {
        HeadTable table = empty.withOwn(told(BOOKINFO, 2, 5));
        assertThat(table.withPeer(EU, List.of(told(BOOKINFO, 2, 5)), true).homeLostItsTail(BOOKINFO))
                .isFalse();
        assertThat(table.withPeer(EU, List.of(told(BOOKINFO, 2, 6)), true).homeLostItsTail(BOOKINFO))
                .isTrue();
        assertThat(table.withPeer(EU, List.of(told(BOOKINFO, 65, 6)), true).homeLostItsTail(BOOKINFO))
                .as("no longer home")
                .isFalse();
    }

    @Test
    void aPeerIsHeardOnceItToldEverything() {
        HeadTable some = empty.withPeer(EU, List.of(told(BOOKINFO, 1, 5)), false);
        assertThat(some.heard(EU)).isFalse();
        HeadTable all = some.withPeer(EU, List.of(told(BOOKINFO, 1, 5)), true);
        assertThat(all.heard(EU)).isTrue();
        assertThat(all.heard(AP)).isFalse();
        assertThat(all.withPeer(EU, List.of(told(SHOP, 1, 7)), false).heard(EU)).isTrue();
    }

    @Test
    void aRegionWhoseHeadIsOfAnEarlierEpochIsBehindHoweverLongItsLogIs() {
        HeadTable table = empty.withOwn(told(BOOKINFO, 1, 100)).withPeer(AP, List.of(told(BOOKINFO, 67, 95)), true);
        assertThat(table.lagEvents(BOOKINFO)).isEqualTo(1);
        assertThat(table.homeEpoch(BOOKINFO)).contains(new Epoch(67));
    }

    private static Told told(MeshId mesh, long epoch, long seq) {
        return new Told(new Head(new Position(mesh, new Epoch(epoch), seq), Hash.ZERO), Epoch.NONE);
    }
}
