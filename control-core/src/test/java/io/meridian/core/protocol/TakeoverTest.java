package io.meridian.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.replication.v1.Moved;
import io.meridian.api.replication.v1.Refused;
import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.BranchEntry;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.DivergentBranch;
import io.meridian.model.mesh.Origin;
import io.meridian.model.position.Epoch;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TakeoverTest {
    private final Regions regions = new Regions("eu-1", "us-1", "ap-1");
    private final Regions.Node eu = regions.node("eu-1");
    private final Regions.Node us = regions.node("us-1");
    private final Regions.Node ap = regions.node("ap-1");

    @BeforeEach
    void aMesh() {
        eu.accept(Commands.create());
        eu.accept(Commands.namespace("a"));
        regions.replicateAll("eu-1");
    }

    @Test
    void aRegionTakesOverWithAMajoritysPromises() {
        eu.kill();
        long asked = us.failover(false);
        regions.pass(1_000);

        Moved moved = us.moved.of(asked);
        assertThat(moved.getPosition().getEpoch()).isEqualTo(2);
        assertThat(moved.getTakeover().getPromisedByList()).containsExactly("ap-1", "us-1");
        assertThat(moved.getTakeover().getUnheardList()).containsExactly("eu-1");
        assertThat(moved.getTakeover().getEventsAtRisk()).isZero();
        assertThat(us.accept(Commands.namespace("b")).position().epoch()).isEqualTo(new Epoch(2));
    }

    @Test
    void whatAnotherReplicaHoldsIsFetchedFirst() {
        eu.accept(Commands.namespace("b"));
        regions.replicate("eu-1", "ap-1");
        regions.pass(100);
        eu.kill();
        us.failover(false);
        regions.pass(1_000);

        assertThat(us.state().durable().state().namespaces()).containsKeys("a", "b");
        assertThat(us.state().durable().state().branches()).isEmpty();
    }

    @Test
    void withoutAMajorityNothingHappensUnlessItIsWaived() {
        eu.kill();
        ap.kill();
        long asked = us.failover(false);
        regions.pass(2_000);
        assertThat(us.refused.of(asked).getCode()).isEqualTo(Refused.Code.NO_MAJORITY);

        long waived = us.failover(true);
        regions.pass(2_000);

        assertThat(us.moved.of(waived).getTakeover().getWithoutMajority()).isTrue();
        us.accept(Commands.namespace("b"));
    }

    @Test
    void theReturningHomeGoesOverAndItsTailIsRecorded() {
        eu.accept(Commands.namespace("lost"));
        regions.pass(100);
        eu.kill();
        us.failover(false);
        regions.pass(1_000);
        us.accept(Commands.namespace("b"));
        eu.start();
        regions.replicate("us-1", "eu-1");
        regions.pass(2_500);
        regions.replicate("us-1", "eu-1");

        assertThat(eu.log()).isEqualTo(us.log());
        assertThat(us.state().durable().state().branches().values())
                .singleElement()
                .satisfies(branch -> {
                    assertThat(branch.originRegion()).isEqualTo("eu-1");
                    assertThat(branch.entries())
                            .singleElement()
                            .satisfies(entry ->
                                    assertThat(entry.assessment()).isEqualTo(BranchEntry.Assessment.REAPPLIABLE));
                });
        assertThat(us.state().durable().state().namespaces()).doesNotContainKey("lost");
    }

    /** Found by the simulation: the region that came back stopped, since the first event that it lacked was of an epoch before its own. */
    @Test
    void aRegionGoesOverToALaterEpochBehindOneThatIsBeforeItsOwn() {
        regions.cut("us-1", "eu-1");
        regions.cut("us-1", "ap-1");
        us.failover(true);
        regions.pass(1_000);
        us.accept(Commands.namespace("b"));
        ap.failover(false);
        regions.pass(1_000);
        ap.accept(Commands.namespace("c"));
        assertThat(ap.head().position().epoch()).isEqualTo(new Epoch(3));
        ap.kill();
        regions.heal();
        // It learns from eu-1 that epoch 3 was promised, and nobody opens it.
        regions.pass(6_000);
        assertThat(us.head().position().epoch()).isEqualTo(new Epoch(66));

        ap.start();
        regions.replicate("us-1", "ap-1");
        assertThat(ap.log()).isEqualTo(us.log());
        assertThat(ap.state().manifest().promised()).isEqualTo(new Epoch(66));
        regions.pass(2_500);

        assertThat(us.state().durable().state().branches().keySet())
                .singleElement()
                .asString()
                .startsWith("3-");
    }

    /** Found by the simulation: the region took the first event of the branch for one that it had, and stored the next behind another. */
    @Test
    void aBranchThatARegionDidNotGetToStoreIsNotTakenForItsOwn() {
        eu.accept(Commands.namespace("b"));
        regions.cut("us-1", "eu-1");
        regions.cut("us-1", "ap-1");
        us.failover(true);
        regions.pass(1_000);
        us.accept(Commands.namespace("c"));
        regions.replicate("eu-1", "ap-1");
        eu.accept(Commands.namespace("d"));
        ap.diskHeld = true;
        ap.take(new Input.Append(9_001, new Epoch(1), eu.log(), Map.of()));
        ap.take(new Input.Append(9_002, new Epoch(2), us.log(), Map.of()));
        ap.promise("us-1", new Epoch(66), false);
        ap.releaseDisk();

        ap.append(us.log(), new Epoch(66));

        assertThat(ap.log()).isEqualTo(us.log());
    }

    @Test
    void aTailIsRecordedOnceAndGrowsByWhatAnotherRegionStillHas() {
        eu.accept(Commands.namespace("lost-1"));
        regions.replicate("eu-1", "ap-1");
        eu.accept(Commands.namespace("lost-2"));
        regions.cut("us-1", "ap-1");
        regions.cut("us-1", "eu-1");
        us.failover(true);
        regions.pass(2_000);
        regions.heal();
        regions.replicate("us-1", "ap-1");
        regions.pass(2_500);
        regions.replicate("us-1", "eu-1");
        regions.pass(5_000);

        assertThat(us.state().durable().state().branches()).hasSize(1);
        DivergentBranch branch =
                us.state().durable().state().branches().values().iterator().next();
        assertThat(branch.entries()).hasSize(2);
        assertThat(branch.recordedAt()).hasSize(2);
    }

    /** Found by the simulation: the second tail was taken for recorded, since the first has its beginning and its length. */
    @Test
    void twoTailsThatHaveTheirBeginningInCommonAreBothRecorded() {
        eu.accept(Commands.namespace("both"));
        regions.replicate("eu-1", "us-1");
        regions.cut("eu-1", "us-1");
        regions.cut("us-1", "ap-1");
        us.failover(true);
        regions.pass(1_000);
        us.accept(Commands.namespace("only-us"));
        eu.accept(Commands.namespace("only-eu-1"));
        eu.accept(Commands.namespace("only-eu-2"));
        regions.cut("eu-1", "ap-1");
        ap.failover(true);
        regions.pass(1_000);
        regions.heal();
        regions.replicate("ap-1", "eu-1");
        regions.pass(2_500);
        regions.replicate("ap-1", "us-1");
        regions.pass(2_500);

        assertThat(ap.state().durable().state().branches().keySet()).containsExactlyInAnyOrder("1-6", "2-7");
        assertThat(ap.state().durable().state().branches().values().stream()
                        .flatMap(branch -> branch.entries().stream())
                        .filter(entry -> entry.assessment() == BranchEntry.Assessment.REAPPLIABLE))
                .hasSize(4);
    }

    @Test
    void whoPromisedTakesNothingFromALowerEpochsHome() {
        List<EventEnvelope> before = eu.log();
        eu.accept(Commands.namespace("late"));
        ap.promise("us-1", new Epoch(2), false);

        Acceptance stopped =
                ap.appendStopped(eu.log().subList(before.size(), eu.log().size()), new Epoch(1));

        assertThat(stopped).isEqualTo(new Acceptance.StaleEpoch(new Epoch(2)));
    }

    @Test
    void aPromiseOutlivesARestart() {
        ap.promise("us-1", new Epoch(2), false);
        ap.kill();
        ap.start();

        assertThat(ap.promises.of(ap.promise("eu-1", new Epoch(1), false)).granted())
                .isFalse();
        assertThat(ap.state().promised()).isEqualTo(new Epoch(2));
    }

    @Test
    void aPromiseIsGivenOnlyToAMemberThatItsEpochNames() {
        assertThat(ap.promises.of(ap.promise("mars", new Epoch(7), false)).granted())
                .isFalse();
        assertThat(ap.promises.of(ap.promise("us-1", new Epoch(65), false)).granted())
                .isFalse();
        assertThat(ap.state().promised()).isEqualTo(Epoch.NONE);
    }

    @Test
    void anAcknowledgementThatCameTooLateIsUnknown() {
        eu.diskHeld = true;
        long asked = eu.send(Commands.namespace("late"));
        eu.promise("us-1", new Epoch(2), false);

        eu.releaseDisk();

        assertThat(eu.answers.of(asked)).isInstanceOf(CommandOutcome.Unknown.class);
    }

    @Test
    void twoTakeoversAtOnceEndWithOneHome() {
        eu.kill();
        us.diskHeld = true;
        long first = us.failover(false);
        long second = ap.failover(false);
        us.releaseDisk();
        regions.pass(3_000);
        regions.replicate("ap-1", "us-1");
        regions.replicate("us-1", "ap-1");
        regions.pass(1_000);

        assertThat(List.of(us.moved.containsKey(first), ap.moved.containsKey(second)))
                .contains(true);
        assertThat(us.head().position().epoch()).isEqualTo(ap.head().position().epoch());
    }

    @Test
    void aSecondFailoverWhileOneRunsIsRefused() {
        us.diskHeld = true;
        us.failover(false);

        assertThat(us.refused.of(us.failover(false)).getCode()).isEqualTo(Refused.Code.MOVE_IN_PROGRESS);
    }

    @Test
    void theHomeNeedsNoFailover() {
        assertThat(eu.refused.of(eu.failover(false)).getCode()).isEqualTo(Refused.Code.SAME_REGION);
    }

    @Test
    void aHomeWhosePromiseCameToNothingTakesItsMeshBack() {
        ap.promise("us-1", new Epoch(2), false);
        eu.promise("us-1", new Epoch(2), false);
        regions.pass(4_000);

        assertThat(eu.accept(Commands.namespace("b")).position().epoch()).isEqualTo(new Epoch(65));
    }

    @Test
    void aMeshThatNobodyKnowsIsNotTakenOver() {
        Regions empty = new Regions("eu-1", "us-1");
        Regions.Node node = empty.node("us-1");

        assertThat(node.refused.of(node.failover(false)).getCode()).isEqualTo(Refused.Code.MESH_NOT_FOUND);
    }

    @Test
    void anEpochThatNobodyFollowedIsLeftForTheBranchThatWentOnWithoutIt() {
        regions.cut("us-1", "eu-1");
        regions.cut("us-1", "ap-1");
        us.failover(true);
        regions.pass(2_000);
        us.accept(Commands.namespace("alone"));
        eu.accept(Commands.namespace("b"));
        regions.replicate("eu-1", "ap-1");
        // A later epoch of the old home, behind events that us-1 never saw.
        eu.promise("ap-1", new Epoch(67), false);
        regions.pass(4_000);
        regions.heal();
        regions.pass(100);
        assertThat(eu.head().position().epoch()).isEqualTo(new Epoch(129));

        long fork = us.log().stream()
                .filter(event -> event.epoch().equals(new Epoch(1)))
                .count();
        us.appendStopped(eu.log().subList((int) fork, eu.log().size()), new Epoch(129));
        regions.replicate("eu-1", "us-1");
        regions.pass(2_500);
        regions.replicateAll("eu-1");

        assertThat(us.log()).isEqualTo(eu.log());
        assertThat(eu.state().durable().state().branches()).hasSize(1);
        us.kill();
        us.start();
        assertThat(us.log()).isEqualTo(eu.log());
    }

    /** eu-1 comes back with an event that the branch of us-1 does not have, and us-1 is gone. */
    private void anOldHomeReturnsWithATail() {
        eu.accept(Commands.namespace("lost"));
        regions.pass(100);
        eu.kill();
        us.failover(false);
        regions.pass(1_000);
        us.accept(Commands.namespace("b"));
        us.accept(Commands.namespace("c"));
        regions.replicate("us-1", "ap-1");
        us.kill();
        eu.start();
        regions.pass(100);
    }

    @Test
    void anOldHomeWithATailTakesNothingOverAndAsksNobodyForAPromise() {
        anOldHomeReturnsWithATail();
        Epoch own = eu.state().manifest().promised();
        Epoch others = ap.state().manifest().promised();

        long asked = eu.failover(false);
        regions.pass(1_000);

        assertThat(eu.refused.of(asked).getCode()).isEqualTo(Refused.Code.FENCED);
        assertThat(eu.refused.of(asked).getMessage())
                .contains("are not on the branch of region ap-1")
                .contains("fail over to region ap-1")
                .contains("branches");
        assertThat(eu.state().manifest().promised()).isEqualTo(own);
        assertThat(ap.state().manifest().promised()).isEqualTo(others);
    }

    @Test
    void whatIsOnlyBehindALaterEpochIsFetchedAsBefore() {
        regions.pass(100);
        eu.kill();
        us.failover(false);
        regions.pass(1_000);
        us.accept(Commands.namespace("b"));
        regions.replicate("us-1", "ap-1");
        us.kill();
        eu.start();
        regions.pass(100);

        long asked = eu.failover(false);
        regions.pass(1_000);

        assertThat(eu.moved.of(asked).getTakeover().getPromisedByList()).containsExactly("ap-1", "eu-1");
        assertThat(eu.state().durable().state().namespaces()).containsKeys("a", "b");
    }

    @Test
    void aFailoverThatIsAskedForAgainIsAnsweredAgain() {
        eu.kill();
        Origin origin = regions.origin("the home is gone");
        long first = us.failover(origin, false);
        regions.pass(1_000);

        long again = us.failover(origin, false);

        assertThat(us.moved.of(again).getPosition())
                .isEqualTo(us.moved.of(first).getPosition());
        assertThat(us.head().position().epoch()).isEqualTo(new Epoch(2));
    }

    @Test
    void aRegionThatHearsNobodyCreatesNoMesh() {
        Regions.Node alone = new Regions("eu-1", "us-1", "ap-1").node("eu-1");
        alone.unheard.add("us-1");
        alone.unheard.add("ap-1");

        long asked = alone.send(Commands.create());

        assertThat(alone.answers).doesNotContainKey(asked);
        assertThat(alone.head().isEmpty()).isTrue();
    }
}
