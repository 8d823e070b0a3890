package io.meridian.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.replication.v1.Moved;
import io.meridian.api.replication.v1.Refused;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.Membership;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.position.Epoch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MembersTest {
    private Regions regions = new Regions("eu-1", "us-1", "ap-1", "us-2+");
    private Regions.Node eu = regions.node("eu-1");
    private Regions.Node us = regions.node("us-1");
    private Regions.Node ap = regions.node("ap-1");
    private Regions.Node us2 = regions.node("us-2");

    @BeforeEach
    void aMesh() {
        eu.accept(Commands.create());
        replicate("us-1", "ap-1");
    }

    private void replicate(String... to) {
        for (String region : to) {
            regions.replicate("eu-1", region);
        }
    }

    private static MeshCommand join(String region) {
        return new MeshCommand.JoinRegion(region, false);
    }

    private static MeshCommand leave(String region) {
        return new MeshCommand.LeaveRegion(region, false);
    }

    private static RejectionCode code(CommandOutcome outcome) {
        return ((CommandOutcome.Rejected) outcome).violations().getFirst().code();
    }

    private static String message(CommandOutcome outcome) {
        return ((CommandOutcome.Rejected) outcome).violations().getFirst().message();
    }

    private static Membership membership(Regions.Node node) {
        return node.state().durable().state().membership().orElseThrow();
    }

    private static void assertIsMember(Regions.Node node, Regions.Node member, boolean is) {
        assertThat(membership(node).contains(member.id)).isEqualTo(is);
    }

    /** us-2 is a member, and so everybody knows. */
    private void joined() {
        long asked = eu.send(join("us-2"));
        replicate("us-1", "ap-1", "us-2");
        assertThat(eu.answers.of(asked)).isInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void aRegionInReserveIsNoMemberUntilItJoins() {
        us2.take(new Input.Tick());
        long handover = eu.handover("us-2");
        assertThat(eu.refused.of(handover).getCode()).isEqualTo(Refused.Code.NOT_A_MEMBER);
        long failover = us2.failover(true);
        assertThat(us2.refused.of(failover).getCode()).isEqualTo(Refused.Code.NOT_A_MEMBER);

        joined();

        assertIsMember(us2, us2, true);
        assertThat(membership(eu).members()).hasSize(4);
        long moved = eu.handover("us-2");
        assertThat(eu.refused.get(moved)).isNull();
    }

    @Test
    void aChangeIsAnsweredWhenAMajorityOfTheNewMembersHoldsIt() {
        long asked = eu.send(join("us-2"));
        replicate("us-1");
        assertThat(eu.answers.get(asked)).isNull();
        replicate("ap-1");
        assertThat(eu.answers.of(asked)).isInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void theNextChangeIsRefusedUntilAMajorityHoldsTheOneBefore() {
        eu.send(join("us-2"));
        replicate("us-1");

        long early = eu.send(leave("ap-1"));
        assertThat(code(eu.answers.of(early))).isEqualTo(RejectionCode.MEMBERS_CHANGING);
        assertThat(message(eu.answers.of(early))).contains("2 of 4 (eu-1, us-1)", "majority of 3");

        replicate("us-2");
        long asked = eu.send(leave("ap-1"));
        replicate("us-1", "us-2");
        assertThat(eu.answers.of(asked)).isInstanceOf(CommandOutcome.Accepted.class);
        assertIsMember(us, ap, false);
    }

    @Test
    void aNewHomeChangesNothingUntilAMajorityHoldsItsEpoch() {
        eu.kill();
        us.failover(false);
        regions.pass(1_000);
        long early = us.send(join("us-2"));
        assertThat(code(us.answers.of(early))).isEqualTo(RejectionCode.MEMBERS_CHANGING);

        regions.replicate("us-1", "ap-1");
        us.send(join("us-2"));
        assertIsMember(us, us2, true);
    }

    @Test
    void anOperatorWaivesTheMajorityOfThoseWhoAreGone() {
        us.kill();
        ap.kill();
        eu.accept(new MeshCommand.JoinRegion("us-2", true));
        long leaving = eu.send(leave("us-1"));
        assertThat(code(eu.answers.of(leaving))).isEqualTo(RejectionCode.MEMBERS_CHANGING);
        eu.accept(new MeshCommand.LeaveRegion("us-1", true));
        assertThat(membership(eu).members()).hasSize(3);
    }

    @Test
    void aLostRegionIsReplacedAndTheNewOneCountsForTheNextFailover() {
        ap.kill();
        joined();
        long leaving = eu.send(leave("ap-1"));
        replicate("us-1", "us-2");
        assertThat(eu.answers.of(leaving)).isInstanceOf(CommandOutcome.Accepted.class);

        eu.kill();
        long asked = us.failover(false);
        regions.pass(1_000);

        Moved moved = us.moved.of(asked);
        assertThat(moved.getTakeover().getPromisedByList()).containsExactly("us-1", "us-2");
        assertThat(moved.getTakeover().getUnheardList()).containsExactly("eu-1");
        us.accept(Commands.namespace("b"));
    }

    @Test
    void aRegionThatJoinsCountsForSynchronousWritesOnceAMajorityHoldsThatItJoined() {
        regions = new Regions("eu-1", "us-1", "ap-1", "us-2+");
        eu = regions.node("eu-1");
        long created = eu.send(Commands.create(1));
        replicate("us-1", "ap-1");
        assertThat(eu.answers.of(created)).isInstanceOf(CommandOutcome.Accepted.class);
        eu.send(join("us-2"));
        long write = eu.send(Commands.namespace("a"));
        replicate("us-2");
        assertThat(eu.answers.get(write)).isNull();

        regions.cut("eu-1", "ap-1");
        long other = eu.send(Commands.namespace("b"));
        replicate("us-1");
        assertThat(eu.answers.of(write)).isInstanceOf(CommandOutcome.Accepted.class);
        assertThat(eu.answers.of(other)).isInstanceOf(CommandOutcome.Accepted.class);
        long third = eu.send(Commands.namespace("c"));
        replicate("us-2");
        assertThat(eu.answers.of(third)).isInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void theHomeDoesNotLeave() {
        long asked = eu.send(leave("eu-1"));
        assertThat(code(eu.answers.of(asked))).isEqualTo(RejectionCode.REGION_IS_HOME);
    }

    @Test
    void nobodyLeavesASynchronousMeshThatCouldNotBeServedAnyMore() {
        regions = new Regions("eu-1", "us-1", "ap-1");
        eu = regions.node("eu-1");
        long created = eu.send(Commands.create(2));
        replicate("us-1", "ap-1");
        assertThat(eu.answers.of(created)).isInstanceOf(CommandOutcome.Accepted.class);
        long asked = eu.send(leave("us-1"));
        replicate("us-1", "ap-1");
        assertThat(code(eu.answers.of(asked))).isEqualTo(RejectionCode.TOO_FEW_MEMBERS);
        assertThat(message(eu.answers.of(asked))).contains("SYNC(2)");
    }

    /** Its disk is put back to right after the mesh was made. */
    private void anOldDisk(Regions.Node node) {
        node.kill();
        node.restore(4);
    }

    /** Found by the simulation: what a region holds that is no member, as far as the copy knows, is asked for too. */
    @Test
    void aHomeWithAnOldDiskWaitsForARegionThatMayHaveJoinedSince() {
        eu.send(join("us-2"));
        replicate("us-2");
        long lost = eu.accept(Commands.namespace("lost")).position().seq();
        replicate("us-2");
        anOldDisk(eu);
        regions.cut("eu-1", "us-2");
        eu.unheard.add("us-2");
        eu.start();

        long asked = eu.send(Commands.namespace("next"));
        assertThat(eu.answers).as("us-2 may hold more").doesNotContainKey(asked);
        regions.pass(2_500);

        CommandOutcome.Accepted next = (CommandOutcome.Accepted) eu.answers.of(asked);
        assertThat(next.position().epoch()).isGreaterThan(new Epoch(65));
        assertThat(us2.head().position().seq()).isEqualTo(lost);
    }

    /** Found by the simulation: it held once that it joined. */
    @Test
    void aMemberThatLostEverythingIsToldAgainThatItIsOne() {
        joined();
        us2.kill();
        us2.forget();
        us2.start();

        regions.pass(3_000);

        assertThat(us2.state().manifest().noted().orElseThrow().contains(us2.id))
                .isTrue();
    }

    /** Found by the simulation: by what it holds it is no member, so that it follows nobody and would never know better. */
    @Test
    void aRegionThatLeftOnABranchThatWasGivenUpIsToldThatItIsAMember() {
        regions = new Regions("eu-1", "us-1", "ap-1");
        eu = regions.node("eu-1");
        us = regions.node("us-1");
        ap = regions.node("ap-1");
        eu.accept(Commands.create());
        replicate("us-1", "ap-1");
        regions.cut("eu-1", "us-1");
        regions.cut("eu-1", "ap-1");
        us.failover(false);
        regions.pass(1_000);
        regions.replicate("us-1", "ap-1");
        us.send(leave("ap-1"));
        regions.replicate("us-1", "ap-1");
        regions.pass(1_000);
        assertThat(ap.state().manifest().noted().orElseThrow().contains(ap.id)).isFalse();
        // It hears that it is the home no longer, and no more.
        regions.heal();
        regions.pass(50);
        regions.cut("eu-1", "us-1");
        regions.cut("eu-1", "ap-1");
        eu.failover(true);
        regions.pass(3_000);
        assertThat(eu.head().position().epoch())
                .isGreaterThan(ap.head().position().epoch());

        regions.heal();
        regions.pass(3_000);

        assertThat(ap.state().manifest().noted().orElseThrow().contains(ap.id)).isTrue();
    }

    /** Found by the simulation: those who hold who the members are have left, and promise nothing. */
    @Test
    void aHomeThatForgotWhoTheMembersAreFetchesThatFromARegionThatLeft() {
        regions = new Regions("eu-1", "us-1", "ap-1");
        eu = regions.node("eu-1");
        us = regions.node("us-1");
        eu.accept(Commands.create());
        replicate("us-1", "ap-1");
        long first = eu.send(leave("ap-1"));
        replicate("us-1", "ap-1");
        assertThat(eu.answers.of(first)).isInstanceOf(CommandOutcome.Accepted.class);
        long second = eu.send(leave("us-1"));
        replicate("us-1");
        assertThat(eu.answers.of(second)).isInstanceOf(CommandOutcome.Accepted.class);
        anOldDisk(eu);
        eu.start();
        regions.pass(1_000);

        CommandOutcome.Accepted next = eu.accept(Commands.namespace("next"));

        assertThat(next.position().epoch()).isEqualTo(new Epoch(65));
        assertThat(membership(eu).members()).hasSize(1);
        assertThat(eu.log()).startsWith(us.log().toArray(EventEnvelope[]::new));
    }

    @Test
    void noWriteIsAskedOfMoreRegionsThanThereAre() {
        regions = new Regions("eu-1", "us-1", "ap-1?");
        eu = regions.node("eu-1");
        long created = eu.send(Commands.create(2));
        assertThat(code(eu.answers.of(created))).isEqualTo(RejectionCode.TOO_FEW_MEMBERS);
        eu.accept(Commands.create());

        long asked = eu.send(Commands.durability(2));

        assertThat(code(eu.answers.of(asked))).isEqualTo(RejectionCode.TOO_FEW_MEMBERS);
        assertThat(message(eu.answers.of(asked))).contains("0 to 1 are possible");
    }

    @Test
    void aRegionThatJoinedMakesMoreReplicasPossible() {
        long before = eu.send(Commands.durability(3));
        assertThat(code(eu.answers.of(before))).isEqualTo(RejectionCode.TOO_FEW_MEMBERS);
        joined();

        long asked = eu.send(Commands.durability(3));
        replicate("us-1", "ap-1", "us-2");

        assertThat(eu.answers.of(asked)).isInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void nobodyLeavesAMeshThatFailsOverByItselfWithThreeVoters() {
        regions = new Regions("eu-1", "us-1", "ap-1");
        eu = regions.node("eu-1");
        eu.send(Commands.createWith(
                MeshSpec.Failover.newBuilder().setAutomatic(true).build()));
        regions.pass(1_000);
        replicate("us-1", "ap-1");
        long asked = eu.send(leave("us-1"));
        assertThat(code(eu.answers.of(asked))).isEqualTo(RejectionCode.TOO_FEW_MEMBERS);
    }

    @Test
    void anUnknownRegionCannotJoin() {
        long asked = eu.send(join("mars"));
        assertThat(code(eu.answers.of(asked))).isEqualTo(RejectionCode.REGION_NOT_FOUND);
    }

    @Test
    void aRegionThatLostItsDiskDoesNotComeBackUnderItsIndex() {
        long leaving = eu.send(leave("ap-1"));
        replicate("us-1", "ap-1");
        assertThat(eu.answers.of(leaving)).isInstanceOf(CommandOutcome.Accepted.class);
        ap.kill();
        regions.pass(50);
        ap.loseDisk();
        ap.start();

        long asked = eu.send(join("ap-1"));
        assertThat(code(eu.answers.of(asked))).isEqualTo(RejectionCode.NOT_A_MEMBER);
        assertThat(message(eu.answers.of(asked))).contains("give it a new index");
    }

    @Test
    void aRegionThatLeftAndKnowsItVotesForNobodyAndTakesNothingOver() {
        long leaving = eu.send(leave("ap-1"));
        replicate("us-1", "ap-1");
        assertThat(eu.answers.of(leaving)).isInstanceOf(CommandOutcome.Accepted.class);
        assertThat(ap.state().manifest().noted().orElseThrow().contains(ap.id)).isFalse();

        long asked = ap.failover(true);
        assertThat(ap.refused.of(asked).getCode()).isEqualTo(Refused.Code.NOT_A_MEMBER);
        // us-1 asks with a log that ends before the change.
        long promise = ap.promise("us-1", new Epoch(66), false);
        assertThat(ap.promises.of(promise).granted()).isFalse();
        assertThat(ap.promises.of(promise).why()).contains("ap-1 is no member of mesh bookinfo since position");
    }

    @Test
    void aRegionThatLeftAndDoesNotKnowItGetsNoPromise() {
        ap.kill();
        long leaving = eu.send(leave("ap-1"));
        replicate("us-1");
        assertThat(eu.answers.of(leaving)).isInstanceOf(CommandOutcome.Accepted.class);
        eu.kill();
        ap.start();

        long asked = ap.failover(false);
        regions.pass(2_000);

        assertThat(ap.refused.of(asked).getCode()).isEqualTo(Refused.Code.NO_MAJORITY);
        assertThat(ap.refused.of(asked).getMessage())
                .contains("region ap-1 is no member of mesh bookinfo since position");
        assertThat(us.state().manifest().promised()).isEqualTo(Epoch.NONE);
    }

    @Test
    void aCandidateThatAdoptsAChangeOfMembersNeedsAMajorityOfThose() {
        us.kill();
        joined();
        ap.kill();
        eu.kill();
        us.start();
        us.failover(false);
        regions.pass(300);
        long alone = us.failover(false);
        regions.pass(3_000);
        assertThat(us.moved.get(alone)).isNull();

        ap.start();
        us2.kill();
        // ap-1 and us-1 are two of the three that us-1 knows, and of the four that ap-1 knows.
        long asked = us.failover(false);
        regions.pass(4_000);
        assertThat(us.refused.of(asked).getCode()).isEqualTo(Refused.Code.NO_MAJORITY);
        assertThat(us.refused.of(asked).getMessage()).contains("of 4 voters");

        us2.start();
        long again = us.failover(false);
        regions.pass(4_000);
        assertThat(us.moved.of(again).getTakeover().getPromisedByList()).containsExactly("ap-1", "us-1", "us-2");
    }

    @Test
    void aWitnessTellsOfAChangeThatACandidateDoesNotHold() {
        regions = new Regions("eu-1", "us-1", "w-1?", "us-2+");
        eu = regions.node("eu-1");
        us = regions.node("us-1");
        us2 = regions.node("us-2");
        eu.accept(Commands.create());
        replicate("us-1");
        regions.pass(1_100);
        us.kill();
        // A majority of eu-1, us-1, w-1 and us-2 holds that us-2 joined: the witness is one of it.
        long joining = eu.send(join("us-2"));
        replicate("us-2");
        regions.pass(1_100);
        assertThat(eu.answers.of(joining)).isInstanceOf(CommandOutcome.Accepted.class);
        long leaving = eu.send(leave("us-1"));
        replicate("us-2");
        regions.pass(1_100);
        assertThat(eu.answers.of(leaving)).isInstanceOf(CommandOutcome.Accepted.class);
        eu.kill();
        us2.kill();
        us.start();

        long asked = us.failover(false);
        regions.pass(2_000);
        assertThat(us.refused.of(asked).getMessage())
                .contains("region us-1 is no member of mesh bookinfo since position");

        // A restarted witness still knows.
        Regions.Node witness = regions.node("w-1");
        witness.kill();
        witness.start();
        long again = us.failover(false);
        regions.pass(2_000);
        assertThat(us.refused.of(again).getCode()).isEqualTo(Refused.Code.NO_MAJORITY);
    }

    @Test
    void aRegionThatJoinsIsToldEvenIfItFollowsNobody() {
        eu.send(join("us-2"));
        regions.pass(2_000);
        assertThat(us2.state().manifest().noted().orElseThrow().contains(us2.id))
                .isTrue();
        us2.kill();
        us2.start();
        assertThat(us2.state().manifest().noted().orElseThrow().contains(us2.id))
                .isTrue();
    }

    @Test
    void aRestartedWitnessKnowsHowFarTheHomeWasWhenItWasTold() {
        regions = new Regions("eu-1", "us-1", "w-1?");
        eu = regions.node("eu-1");
        Regions.Node witness = regions.node("w-1");
        eu.accept(Commands.create());
        regions.pass(1_100);
        eu.kill();
        regions.node("us-1").kill();
        witness.kill();
        witness.start();

        long asked = witness.promise("us-1", new Epoch(2), false);
        assertThat(witness.promises.of(asked).granted()).isTrue();
        assertThat(witness.promises.of(asked).head()).isEqualTo(eu.head());
    }

    @Test
    void aNoteOfAnEarlierEpochThanOneThatWasPromisedIsRefused() {
        regions = new Regions("eu-1", "us-1", "w-1?");
        eu = regions.node("eu-1");
        Regions.Node witness = regions.node("w-1");
        regions.cut("eu-1", "w-1");
        regions.pass(ProtocolSettings.Timing.DEFAULT.clearance().toMillis());
        eu.accept(Commands.create());
        witness.promise("us-1", new Epoch(2), false);
        regions.heal();
        regions.pass(100);

        assertThat(witness.state().manifest().noted()).isEmpty();
        assertThat(witness.keptNotes.values()).allMatch(kept -> kept.whyNot().contains("promised epoch 2"));
        assertThat(witness.keptNotes).isNotEmpty();
    }
}
