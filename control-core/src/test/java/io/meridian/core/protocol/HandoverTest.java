package io.meridian.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.replication.v1.Refused;
import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.Origin;
import io.meridian.model.position.Epoch;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandoverTest {
    private final Regions regions = new Regions("eu-1", "us-1", "ap-1");
    private final Regions.Node eu = regions.node("eu-1");
    private final Regions.Node us = regions.node("us-1");

    @BeforeEach
    void aMesh() {
        eu.accept(Commands.create());
        eu.accept(Commands.namespace("a"));
        regions.replicateAll("eu-1");
    }

    private void settle() {
        regions.replicate("eu-1", "us-1");
        regions.replicate("eu-1", "us-1");
        regions.replicate("us-1", "eu-1");
        regions.replicate("us-1", "ap-1");
    }

    @Test
    void theHomeMovesAndNothingIsLost() {
        long before = eu.head().position().seq();
        long asked = eu.handover("us-1");
        settle();

        assertThat(us.head().position().epoch()).isEqualTo(new Epoch(2));
        assertThat(eu.head()).isEqualTo(us.head());
        assertThat(eu.moved.of(asked).getOpened()).isTrue();
        assertThat(eu.moved.of(asked).getToRegion()).isEqualTo("us-1");
        assertThat(us.accept(Commands.namespace("b")).position().seq()).isEqualTo(before + 4);
        assertThat(us.state().durable().state().namespaces()).containsKeys("a", "b");
    }

    /** The time until the old home holds the opening itself is no pause of writes. */
    @Test
    void theReportDoesNotWaitForTheOpeningToComeBack() {
        long asked = eu.handover("us-1");
        regions.replicate("eu-1", "us-1");
        regions.replicate("eu-1", "us-1");
        assertThat(us.head().position().epoch()).isEqualTo(new Epoch(2));
        assertThat(eu.head().position().epoch()).isEqualTo(new Epoch(1));

        eu.tick();

        assertThat(eu.moved.of(asked).getOpened()).isTrue();
        assertThat(eu.moved.of(asked).getPosition())
                .isEqualTo(us.head().position().toProto());
    }

    @Test
    void writesWaitWhileTheHomeMovesAndThenGoToTheNewOne() {
        eu.handover("us-1");
        long held = eu.send(Commands.namespace("b"));
        assertThat(eu.answers).doesNotContainKey(held);
        regions.replicate("eu-1", "us-1");

        assertThat(eu.elsewhere.of(held)).isEqualTo(new Epoch(2));
        long forwarded = us.send(regions.request("b", Commands.namespace("b")), new Epoch(2));
        assertThat(us.answers).doesNotContainKey(forwarded);
        settle();

        assertThat(us.answers.of(forwarded)).isInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void aTargetThatDoesNotAcknowledgeInTimeGetsNothing() {
        long asked = eu.handover("us-1");

        regions.pass(10_100);

        assertThat(eu.refused.of(asked).getCode()).isEqualTo(Refused.Code.ABORTED);
        assertThat(eu.accept(Commands.namespace("b")).position().epoch()).isEqualTo(new Epoch(1));
    }

    @Test
    void aTargetThatIsLostWhileDrainingGetsNothingAtOnce() {
        long asked = eu.handover("us-1");
        us.kill();

        regions.pass(100);

        assertThat(eu.refused.of(asked).getCode()).isEqualTo(Refused.Code.ABORTED);
        assertThat(eu.state().durable().state().handover()).isEmpty();
    }

    @Test
    void aHomeThatDiesWhileDrainingGoesOnWithTheHandover() {
        eu.handover("us-1");
        eu.kill();
        eu.start();
        settle();

        assertThat(us.head().position().epoch()).isEqualTo(new Epoch(2));
    }

    @Test
    void aHomeThatDiesOnceSealedWritesNoMoreInThatEpoch() {
        eu.handover("us-1");
        regions.replicate("eu-1", "us-1");
        assertThat(eu.state().durable().state().successor()).isPresent();
        eu.kill();
        eu.start();
        long asked = eu.send(Commands.namespace("b"));

        assertThat(eu.elsewhere.of(asked)).isEqualTo(new Epoch(2));
        settle();
        assertThat(us.head().position().epoch()).isEqualTo(new Epoch(2));
    }

    /** Found by the simulation: the mesh was left without a home. */
    @Test
    void aHomeTakesBackWhatItSealedForATargetThatCannotTakeTheSeal() {
        eu.handover("us-1");
        regions.replicate("eu-1", "us-1");
        regions.cut("eu-1", "us-1");
        regions.cut("us-1", "ap-1");
        us.failover(false);
        regions.pass(2_000);
        regions.heal();
        assertThat(us.appendStopped(eu.log(), new Epoch(1))).isInstanceOf(Acceptance.StaleEpoch.class);

        regions.pass(4_000);
        regions.replicateAll("eu-1");

        assertThat(eu.accept(Commands.namespace("b")).position().epoch()).isEqualTo(new Epoch(65));
        assertThat(us.head().position().epoch()).isEqualTo(new Epoch(65));
    }

    @Test
    void aTargetThatLostWhatItOpenedWithItsDiskDoesNotOpenItAgain() {
        eu.handover("us-1");
        settle();
        long sealed = us.head().position().seq() - 1;
        us.accept(Commands.namespace("b"));
        regions.replicateAll("us-1");
        us.kill();
        us.restore(sealed);
        us.unheard.addAll(List.of("eu-1", "ap-1"));
        us.start();
        regions.pass(5_000);
        assertThat(us.head().position().seq()).isEqualTo(sealed);

        us.unheard.clear();
        regions.pass(3_500);

        assertThat(us.log()).startsWith(eu.log().toArray(EventEnvelope[]::new));
        assertThat(us.accept(Commands.namespace("c")).position().epoch()).isEqualTo(new Epoch(66));
    }

    @Test
    void aTargetThatCannotAskEverybodyWhatItHadOpenedTakesANewEpoch() {
        regions.node("ap-1").kill();
        us.kill();
        us.unheard.add("ap-1");
        us.start();
        eu.handover("us-1");
        settle();

        regions.pass(2_500);

        Epoch opened = us.head().position().epoch();
        assertThat(opened).isGreaterThan(new Epoch(66));
        assertThat(us.accept(Commands.namespace("b")).position().epoch()).isEqualTo(opened);
    }

    @Test
    void whatCannotBeMovedIsRefusedAndChangesNothing() {
        var head = eu.head();

        assertThat(code(eu, eu.handover("eu-1"))).isEqualTo(Refused.Code.SAME_REGION);
        assertThat(code(eu, eu.handover("mars"))).isEqualTo(Refused.Code.UNKNOWN_REGION);
        assertThat(code(us, us.handover("ap-1"))).isEqualTo(Refused.Code.NOT_HOME);
        regions.cut("eu-1", "us-1");
        assertThat(code(eu, eu.handover("us-1"))).isEqualTo(Refused.Code.REGION_UNREACHABLE);
        assertThat(eu.head()).isEqualTo(head);
        regions.heal();
        eu.handover("us-1");
        assertThat(code(eu, eu.handover("ap-1"))).isEqualTo(Refused.Code.MOVE_IN_PROGRESS);
    }

    @Test
    void aTargetThatIsFarBehindIsRefused() {
        for (int i = 0; i < 101; i++) {
            eu.accept(Commands.namespace("n" + i));
        }

        assertThat(code(eu, eu.handover("us-1"))).isEqualTo(Refused.Code.REGION_LAGS);
    }

    @Test
    void aMoveThatIsAskedForAgainIsAnsweredAgain() {
        Origin origin = regions.origin("drill");
        eu.handover(origin, "us-1");
        settle();

        long again = us.handover(origin, "us-1");

        assertThat(us.moved.of(again).getToRegion()).isEqualTo("us-1");
        assertThat(us.moved.of(again).getFromRegion()).isEqualTo("eu-1");
        assertThat(us.moved.of(again).getPosition().getEpoch()).isEqualTo(2);
    }

    @Test
    void aMoveThatWasGivenUpIsNotBegunAgainUnderItsId() {
        Origin origin = regions.origin("drill");
        eu.handover(origin, "us-1");
        regions.pass(10_100);

        assertThat(code(eu, eu.handover(origin, "us-1"))).isEqualTo(Refused.Code.ABORTED);
        assertThat(eu.state().durable().state().handover()).isEmpty();
    }

    private static Refused.Code code(Regions.Node node, long asked) {
        return node.refused.of(asked).getCode();
    }
}
