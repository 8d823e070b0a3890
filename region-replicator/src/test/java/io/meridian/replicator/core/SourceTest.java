package io.meridian.replicator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.core.FollowerState.Source;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final RegionId EU = new RegionId("eu-1", 1);
    private static final RegionId US = new RegionId("us-1", 2);
    private static final RegionId AP = new RegionId("ap-1", 3);

    @Test
    void theRegionThatTheLatestEpochNamesIsFollowedWhoeverTellsOfIt() {
        assertThat(source(head(1, 9), Map.of(AP, head(2, 4)))).contains(new Source(US, new Epoch(2)));
        assertThat(source(Head.empty(MESH), Map.of(AP, head(3, 1)))).contains(new Source(AP, new Epoch(3)));
    }

    @Test
    void theHomeFollowsNobodyAlsoIfAnotherHoldsMoreOfItsEpoch() {
        assertThat(source(head(1, 9), Map.of(US, head(1, 12), AP, head(1, 3)))).isEmpty();
    }

    @Test
    void aHomeThatLostItsEpochFollowsWhoHoldsMostOfIt() {
        assertThat(source(head(2, 8), Map.of(US, head(65, 6), AP, head(65, 7))))
                .contains(new Source(AP, new Epoch(65)));
        assertThat(source(Head.empty(MESH), Map.of(US, head(1, 6)))).contains(new Source(US, new Epoch(1)));
    }

    @Test
    void nobodyIsFollowedForAMeshThatNobodyHoldsOrWhoseHomeIsNotKnown() {
        assertThat(source(Head.empty(MESH), Map.of())).isEmpty();
        assertThat(source(head(1, 9), Map.of(US, head(7, 1)))).isEmpty();
    }

    /** Seen by eu-1. */
    private static Optional<Source> source(Head own, Map<RegionId, Head> told) {
        return Source.of(
                EU, own, told, index -> index == 2 ? Optional.of(US) : index == 3 ? Optional.of(AP) : Optional.empty());
    }

    private static Head head(long epoch, long seq) {
        return new Head(new Position(MESH, new Epoch(epoch), seq), Hash.ZERO);
    }
}
