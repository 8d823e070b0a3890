package io.meridian.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.admin.v1.FailoverPlan;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The home is eu-1 (index 1), in epoch 65. */
class FailoverPlannerTest {
    private static final MeshId MESH = new MeshId("bookinfo");

    private static RegionView up(String name, long seq) {
        return new RegionView(name, true, Duration.ZERO, head(seq), false);
    }

    private static RegionView down(String name, long seq) {
        return new RegionView(name, false, Duration.ofSeconds(12), head(seq), false);
    }

    private static RegionView witness(long seq) {
        return new RegionView("w-1", true, Duration.ZERO, head(seq), true);
    }

    private static Optional<Position> head(long seq) {
        return seq == 0 ? Optional.empty() : Optional.of(new Position(MESH, new Epoch(65), seq));
    }

    private static FailoverPlan plan(String to, RegionView... regions) {
        return plan(to, Optional.empty(), regions);
    }

    private static FailoverPlan plan(String to, Optional<String> underWay, RegionView... regions) {
        return FailoverPlanner.plan(
                new FailoverPlanner.Known(MESH, "eu-1", List.of(regions), underWay, 7, 4, "SYNC(1)"), to);
    }

    @Test
    void aHomeThatAnswersHandsOver() {
        FailoverPlan plan = plan("us-1", up("eu-1", 42), up("us-1", 40), up("ap-1", 42));

        assertThat(plan.getAdvice()).isEqualTo("handover");
        assertThat(plan.getObstaclesList()).isEmpty();
        assertThat(plan.getHomeReachable()).isTrue();
        assertThat(plan.getEventsBehind()).isEqualTo(2);
        assertThat(plan.getEventsAtRisk()).as("ap-1 holds them").isZero();
        assertThat(plan.getHomeLastKnownHead().getSeq()).isEqualTo(42);
        assertThat(plan.getReplicaHead().getSeq()).isEqualTo(40);
        assertThat(plan.getProxiesThatMove()).isEqualTo(4);
        assertThat(plan.getProxies()).isEqualTo(7);
        assertThat(plan.getDurability()).isEqualTo("SYNC(1)");
    }

    @Test
    void whatOnlyTheLostHomeHasIsAtRisk() {
        FailoverPlan plan = plan("us-1", down("eu-1", 42), up("us-1", 38), up("ap-1", 40));

        assertThat(plan.getAdvice()).isEqualTo("failover");
        assertThat(plan.getEventsBehind()).isEqualTo(4);
        assertThat(plan.getEventsAtRisk()).isEqualTo(2);
        assertThat(plan.getHomeSilentFor().getSeconds()).isEqualTo(12);
        assertThat(plan.getVoters()).isEqualTo(3);
        assertThat(plan.getMajority()).isEqualTo(2);
        assertThat(plan.getReachableVotersList()).containsExactly("ap-1", "us-1");
        assertThat(plan.getUnreachableVotersList()).containsExactly("eu-1");
    }

    @Test
    void aRegionThatDoesNotAnswerHoldsNothingThatCouldBeFetched() {
        FailoverPlan plan = plan("us-1", up("eu-1", 42), up("us-1", 38), down("ap-1", 42));

        assertThat(plan.getEventsAtRisk()).isEqualTo(4);
    }

    @Test
    void aWitnessVotesAndKnowsTheHeadButHoldsNothing() {
        FailoverPlan plan = plan("us-1", down("eu-1", 40), up("us-1", 40), witness(42));

        assertThat(plan.getAdvice()).isEqualTo("failover");
        assertThat(plan.getHomeLastKnownHead().getSeq()).isEqualTo(42);
        assertThat(plan.getEventsAtRisk()).isEqualTo(2);
        assertThat(plan("w-1", down("eu-1", 40), up("us-1", 40), witness(42)).getObstaclesList())
                .containsExactly("region w-1 is a witness: it keeps no events");
    }

    @Test
    void aRegionThatIsNoMemberDoesNotVoteIsNoTargetAndGivesNothing() {
        RegionView stranger = new RegionView("us-2", true, Duration.ZERO, head(42), false, false, false);

        FailoverPlan plan = plan("us-1", down("eu-1", 42), up("us-1", 40), down("ap-1", 40), stranger);
        assertThat(plan.getVoters()).isEqualTo(3);
        assertThat(plan.getReachableVotersList()).containsExactly("us-1");
        assertThat(plan.getAdvice()).isEqualTo("failover --without-majority");
        assertThat(plan.getEventsAtRisk()).isEqualTo(2);
        assertThat(plan("us-2", down("eu-1", 42), up("us-1", 40), up("ap-1", 40), stranger)
                        .getObstaclesList())
                .containsExactly("region us-2 is no member of the mesh; let it join first");
    }

    @Test
    void aRegionThatHasYetToLeaveWhatALaterEpochWentOnWithoutIsNoTarget() {
        RegionView astray = new RegionView("us-1", true, Duration.ZERO, head(44), false, true, true);

        FailoverPlan plan = plan("us-1", down("eu-1", 42), astray, up("ap-1", 42));

        assertThat(plan.getAdvice()).isEqualTo("none");
        assertThat(plan.getObstaclesList())
                .singleElement()
                .asString()
                .startsWith("region us-1 holds events up to 65.44 that a later epoch went on without")
                .contains("branches");
        assertThat(plan("ap-1", down("eu-1", 42), astray, up("ap-1", 42)).getAdvice())
                .isEqualTo("failover");
    }

    @Test
    void withoutAMajorityAnOperatorHasToWaiveIt() {
        FailoverPlan plan = plan("us-1", down("eu-1", 42), up("us-1", 42), down("ap-1", 42));
        FailoverPlan two = plan("us-1", down("eu-1", 42), up("us-1", 42));

        assertThat(plan.getAdvice()).isEqualTo("failover --without-majority");
        assertThat(plan.getObstaclesList()).containsExactly("1 of 3 voters can be reached, 2 are a majority");
        assertThat(two.getAdvice()).isEqualTo("failover --without-majority");
        assertThat(two.getMajority()).isEqualTo(2);
    }

    @Test
    void theHomeItselfAndASilentRegionAreNoTargets() {
        FailoverPlan same = plan("eu-1", up("eu-1", 42), up("us-1", 42));
        FailoverPlan silent = plan("us-1", up("eu-1", 42), down("us-1", 42));

        assertThat(same.getAdvice()).isEqualTo("none");
        assertThat(same.getObstaclesList()).containsExactly("region eu-1 is the home already");
        assertThat(silent.getAdvice()).isEqualTo("none");
        assertThat(silent.getObstaclesList()).containsExactly("region us-1 has been silent for 12 s");
    }

    @Test
    void aMoveThatIsUnderWayStandsInTheWayOnlyWhileTheHomeAnswers() {
        Optional<String> underWay = Optional.of("the home is being handed over to region ap-1");

        assertThat(plan("us-1", underWay, up("eu-1", 42), up("us-1", 42), up("ap-1", 42))
                        .getObstaclesList())
                .containsExactly("the home is being handed over to region ap-1");
        assertThat(plan("us-1", underWay, down("eu-1", 42), up("us-1", 42), up("ap-1", 42))
                        .getAdvice())
                .isEqualTo("failover");
    }

    @Test
    void whoHasNothingOfTheMeshLacksAllOfIt() {
        FailoverPlan plan = plan("us-1", up("eu-1", 42), up("us-1", 0), up("ap-1", 0));

        assertThat(plan.hasReplicaHead()).isFalse();
        assertThat(plan.getEventsBehind()).isEqualTo(42);
        assertThat(plan.getEventsAtRisk()).isEqualTo(42);
    }
}
