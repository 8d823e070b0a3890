package io.meridian.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.core.FakePeers;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import org.junit.jupiter.api.Test;

class HomeCheckTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final Epoch OURS = new Epoch(65);
    private static final Epoch THEIRS = new Epoch(66);

    private final FakePeers peers = new FakePeers();
    private final FakePeers.FakePeer us = peers.add(new RegionId("us-1", 2));
    private final HomeCheck check = new HomeCheck(new RegionId("eu-1", 1), peers);

    @Test
    void theEpochOfTheHeadNamesTheWriter() {
        assertThat(check.judge(head(OURS, 3), Epoch.NONE)).isEqualTo(new HomeCheck.Here(OURS));
        assertThat(check.judge(head(THEIRS, 3), Epoch.NONE)).isEqualTo(new HomeCheck.Elsewhere(THEIRS));
    }

    @Test
    void aNameThatNobodyKnowsIsOpenedInTheRegionsFirstEpoch() {
        assertThat(check.judge(Head.empty(MESH), Epoch.NONE)).isEqualTo(new HomeCheck.Here(new Epoch(1)));
        assertThat(new HomeCheck(new RegionId("zero", 0), peers).judge(Head.empty(MESH), Epoch.NONE))
                .isEqualTo(new HomeCheck.Here(new Epoch(64)));
    }

    @Test
    void aNameThatAnotherRegionKnowsIsItsHomes() {
        us.heads.put(MESH, head(THEIRS, 9));
        us.reachable = false;

        assertThat(check.judge(Head.empty(MESH), Epoch.NONE)).isEqualTo(new HomeCheck.Elsewhere(THEIRS));
    }

    @Test
    void aPromisedRegionWritesNoMore() {
        assertThat(check.judge(head(OURS, 3), THEIRS)).isInstanceOf(HomeCheck.Fenced.class);
        assertThat(check.judge(Head.empty(MESH), THEIRS)).isInstanceOf(HomeCheck.Fenced.class);
    }

    @Test
    void aHomeThatLostItsTailDoesNotGiveItsPositionsAgain() {
        us.heads.put(MESH, head(OURS, 9));

        assertThat(check.judge(head(OURS, 8), Epoch.NONE))
                .isInstanceOfSatisfying(
                        HomeCheck.Fenced.class,
                        fenced -> assertThat(fenced.reason())
                                .contains("us-1")
                                .contains("65.9")
                                .contains("65.8"));
        assertThat(check.judge(Head.empty(MESH), Epoch.NONE)).isInstanceOf(HomeCheck.Fenced.class);
        assertThat(check.judge(head(OURS, 9), Epoch.NONE)).isInstanceOf(HomeCheck.Here.class);
    }

    @Test
    void aHomeThatHearsOfALaterEpochWritesNoMore() {
        us.heads.put(MESH, head(THEIRS, 4));

        assertThat(check.judge(head(OURS, 8), Epoch.NONE))
                .isInstanceOfSatisfying(
                        HomeCheck.Fenced.class,
                        fenced -> assertThat(fenced.reason()).contains("us-1").contains("66.4"));
    }

    private static Head head(Epoch epoch, long seq) {
        return new Head(new Position(MESH, epoch, seq), Hash.ZERO);
    }
}
