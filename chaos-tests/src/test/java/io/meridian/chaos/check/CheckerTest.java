package io.meridian.chaos.check;

import static io.meridian.chaos.check.Scene.EU;
import static io.meridian.chaos.check.Scene.US;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meridian.api.events.v1.Envelope;
import io.meridian.chaos.history.Outcome;
import io.meridian.chaos.history.Position;
import io.meridian.chaos.history.Recorded.Converged;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** For each rule: what keeps it, and planted violations that it must find. */
final class CheckerTest {
    private static final int LOCAL = 0;
    private static final int SYNC = 1;
    private static final int SYNC_2 = 2;

    private static Position eu(long seq) {
        return new Position(EU, seq);
    }

    private static Position us(long seq) {
        return new Position(US, seq);
    }

    /** Two writes at 65.2 and 65.3, acknowledged one after the other. */
    private static Scene twoWrites(int syncReplicas) {
        return new Scene(syncReplicas)
                .logged(EU, "a", "k1", 1)
                .logged(EU, "b", "k2", 2)
                .ok("a", "k1", 1, eu(2))
                .ok("b", "k2", 2, eu(3));
    }

    /** Forced failover: the old home's 65.3 is not on the new home's branch. */
    private static Scene leftBehind(int syncReplicas) {
        return new Scene(syncReplicas)
                .logged(EU, "a", "k1", 1)
                .opened(US, "us-1")
                .logged(US, "c", "k3", 3)
                .ok("a", "k1", 1, eu(2))
                .ok("b", "k2", 2, eu(3));
    }

    // ---- nothing to find

    @Test
    void aRunInOrderBreaksNothing() {
        assertThat(twoWrites(LOCAL)
                        .read(eu(3), true, eu(3), Map.of("k1", 1L, "k2", 2L))
                        .cas("c", "k1", 3, eu(3), eu(4))
                        .logged(EU, "c", "k1", 3)
                        .notOk("refused", Outcome.FAIL)
                        .notOk("lost", Outcome.INFO)
                        .head("eu-1", eu(3), "x")
                        .head("us-1", eu(2), "y")
                        .head("us-1", eu(3), "x")
                        .broken())
                .isEmpty();
    }

    @Test
    void aFailoverThatListsWhatItLeftBehindBreaksNothing() {
        assertThat(leftBehind(LOCAL)
                        .branch("b", eu(3))
                        .ok("c", "k3", 3, us(4))
                        .head("us-1", eu(3), "x")
                        .head("us-1", us(3), "y")
                        .rolledBack(eu(3))
                        .read(us(4), true, us(4), Map.of("k1", 1L, "k3", 3L))
                        .broken())
                .isEmpty();
    }

    // ---- I1

    @Test
    void anEpochOfAnotherRegionIsFound() {
        assertThat(new Scene(LOCAL).opened(US, "eu-1").broken()).containsExactly("I1");
    }

    @Test
    void anEpochWithoutItsOpeningIsFound() {
        assertThat(new Scene(LOCAL).logged(US, "a", "k1", 1).broken()).containsExactly("I1");
    }

    @Test
    void anEpochThatIsOpenedTwiceIsFound() {
        assertThat(new Scene(LOCAL).opened(EU, "eu-1").verdict("I1").violations())
                .anyMatch(violation -> violation.contains("opens its epoch again"));
    }

    @Test
    void anEpochThatComesBackIsFound() {
        assertThat(new Scene(LOCAL)
                        .opened(US, "us-1")
                        .logged(EU, "late", "k1", 1)
                        .broken())
                .containsExactly("I1");
    }

    @Test
    void aLifeOfAWriterThatComesBackIsFound() {
        assertThat(new Scene(LOCAL)
                        .logged(EU, "a", "k1", 1, header -> header.setWriterIncarnation("second"))
                        .logged(EU, "b", "k1", 2)
                        .broken())
                .containsExactly("I1");
    }

    // ---- I2

    @Test
    void anotherEventInOneRegionIsFound() {
        Scene other = new Scene(LOCAL).logged(EU, "other", "k1", 9);
        Envelope[] different = new Envelope[1];
        other.in("us-1", log -> different[0] = log.getLast());
        assertThat(twoWrites(LOCAL)
                        .in("us-1", log -> log.set(1, different[0]))
                        .verdict("I2")
                        .violations())
                .singleElement()
                .asString()
                .contains("m in us-1: event 2");
    }

    @Test
    void twoStatesAtOnePositionAreFound() {
        assertThat(twoWrites(LOCAL)
                        .head("eu-1", eu(3), "x")
                        .head("us-1", eu(3), "y")
                        .broken())
                .containsExactly("I2");
    }

    @Test
    void aStateAtAPositionThatWasGivenAgainIsExcused() {
        assertThat(stateGivenAgain("eu-1").broken()).isEmpty();
        assertThat(stateGivenAgain("us-1").broken()).as("another disk").containsExactly("I2");
    }

    private static Scene stateGivenAgain(String disk) {
        return twoWrites(LOCAL)
                .diskCopied(disk)
                .head("eu-1", eu(4), "x")
                .diskPutBack(disk)
                .logged(EU, "c", "k1", 8)
                .head("us-1", eu(4), "y");
    }

    // ---- I3

    @Test
    void aFlippedBitIsFound() {
        assertThat(twoWrites(LOCAL)
                        .in(
                                "us-1",
                                log -> log.set(
                                        1,
                                        log.get(1).toBuilder()
                                                .setPayload(log.get(1)
                                                        .getPayload()
                                                        .concat(ByteString.copyFrom(new byte[] {8, 1})))
                                                .build()))
                        .verdict("I3")
                        .violations())
                .singleElement()
                .asString()
                .contains("m in us-1: 65.2 has not the hash of its bytes");
    }

    @Test
    void aMissingEventIsFound() {
        assertThat(twoWrites(LOCAL)
                        .in("us-1", log -> log.remove(1))
                        .verdict("I3")
                        .violations())
                .singleElement()
                .asString()
                .contains("m in us-1");
    }

    @Test
    void aLogThatCouldNotBeReadIsFound() {
        assertThat(twoWrites(LOCAL).in("us-1", log -> log.clear()).verdict("I3").holds())
                .isFalse();
    }

    // ---- I4

    @Test
    void aHeadThatGoesBackIsFound() {
        assertThat(twoWrites(LOCAL)
                        .head("us-1", eu(3), "x")
                        .head("us-1", eu(2), "y")
                        .broken())
                .containsExactly("I4");
    }

    @Test
    void aHeadMayGoBackWithItsDiskOnly() {
        assertThat(twoWrites(LOCAL)
                        .head("us-1", eu(3), "x")
                        .diskPutBack("us-1")
                        .head("us-1", eu(2), "y")
                        .broken())
                .isEmpty();
        assertThat(twoWrites(LOCAL)
                        .diskPutBack("us-1")
                        .head("us-1", eu(3), "x")
                        .head("us-1", eu(2), "y")
                        .broken())
                .containsExactly("I4");
        assertThat(twoWrites(LOCAL)
                        .head("us-1", eu(3), "x")
                        .diskPutBack("eu-1")
                        .head("us-1", eu(2), "y")
                        .broken())
                .containsExactly("I4");
    }

    @Test
    void aHeadMayGoBackOnTheWayToTheBranchOfALaterEpochOnly() {
        Scene onItsWay =
                onItsWay().head("eu-1", eu2(5), "z").head("us-1", us(3), "x").head("us-1", eu(3), "y");
        assertThat(onItsWay.broken()).isEmpty();
        assertThat(onItsWay.head("us-1", eu2(5), "z").broken()).isEmpty();
        assertThat(onItsWay().head("us-1", us(3), "x").head("us-1", eu(3), "y").broken())
                .as("no later epoch was seen")
                .containsExactly("I4");
        assertThat(onItsWay()
                        .head("eu-1", eu2(5), "z")
                        .head("us-1", eu2(5), "z")
                        .head("us-1", eu(3), "y")
                        .broken())
                .as("what it had is on the current branch")
                .containsExactly("I4");
        assertThat(onItsWay()
                        .head("eu-1", eu2(5), "z")
                        .head("us-1", us(4), "x")
                        .head("us-1", us(3), "y")
                        .broken())
                .as("it is not on that branch")
                .containsExactly("I4");
    }

    /** The current branch goes on from 65.3 in the next epoch of eu-1; 66.3, behind 65.2, was given up. */
    private static Scene onItsWay() {
        return new Scene(LOCAL)
                .logged(EU, "a", "k1", 1)
                .logged(EU, "b", "k2", 2)
                .opened(EU + 64, "eu-1")
                .logged(EU + 64, "c", "k3", 3);
    }

    private static Position eu2(long seq) {
        return new Position(EU + 64, seq);
    }

    // ---- I5, I6

    @Test
    void anAcknowledgedWriteThatIsNowhereIsFound() {
        assertThat(twoWrites(LOCAL).ok("gone", "k1", 7, eu(4)).broken()).containsExactly("I6");
        assertThat(twoWrites(SYNC).ok("gone", "k1", 7, eu(4)).broken()).containsExactly("I5");
    }

    @Test
    void anAcknowledgedWriteAtAnotherPositionIsFound() {
        assertThat(new Scene(LOCAL)
                        .logged(EU, "a", "k1", 1)
                        .logged(EU, "b", "k1", 2)
                        .ok("b", "k1", 2, eu(2))
                        .broken())
                .containsExactly("I6");
    }

    @Test
    void anAcknowledgedWriteThatSetAnotherValueIsFound() {
        assertThat(new Scene(SYNC)
                        .logged(EU, "a", "k1", 1)
                        .ok("a", "k1", 2, eu(2))
                        .broken())
                .containsExactly("I5");
    }

    @Test
    void whatAFailoverLeftBehindMustBeListed() {
        assertThat(leftBehind(LOCAL).broken()).containsExactly("I6");
        assertThat(leftBehind(LOCAL).branch("b", eu(4)).broken())
                .as("listed at another position")
                .containsExactly("I6");
    }

    @Test
    void aSynchronousMeshMustNotLeaveAnythingBehind() {
        assertThat(leftBehind(SYNC).branch("b", eu(3)).broken()).containsExactly("I5");
    }

    @Test
    void aBranchThatListsWhatIsInForceIsFound() {
        assertThat(twoWrites(LOCAL).branch("a", eu(2)).broken()).containsExactly("I6");
    }

    @Test
    void aWriteThatOnlyALostDiskHadIsExcused() {
        assertThat(twoWrites(LOCAL)
                        .ok("gone", "k1", 7, eu(4))
                        .diskPutBack("eu-1")
                        .broken())
                .isEmpty();
        assertThat(twoWrites(LOCAL)
                        .ok("gone", "k1", 7, eu(4))
                        .head("ap-1", eu(4), "x")
                        .diskPutBack("eu-1")
                        .broken())
                .as("another region had it")
                .containsExactly("I6");
        assertThat(twoWrites(LOCAL)
                        .ok("gone", "k1", 7, eu(4))
                        .diskPutBack("us-1")
                        .broken())
                .as("another disk")
                .containsExactly("I6");
        assertThat(twoWrites(LOCAL)
                        .diskPutBack("eu-1")
                        .ok("gone", "k1", 7, eu(4))
                        .broken())
                .as("acknowledged later")
                .containsExactly("I6");
        assertThat(twoWrites(SYNC)
                        .ok("gone", "k1", 7, eu(4))
                        .diskPutBack("eu-1")
                        .broken())
                .as("a replica must have had it")
                .containsExactly("I5");
    }

    @Test
    void whatWasAcknowledgedBeforeTheCopyWasMadeIsNotLostWithTheDisk() {
        assertThat(twoWrites(LOCAL)
                        .ok("gone", "k1", 7, eu(4))
                        .diskCopied("eu-1")
                        .diskPutBack("eu-1")
                        .broken())
                .containsExactly("I6");
    }

    @Test
    void aWriteWhosePositionWasGivenAgainIsExcused() {
        assertThat(lostAndGivenAgain("eu-1", "eu-1").broken()).isEmpty();
        assertThat(lostAndGivenAgain("us-1", "eu-1").broken())
                .as("another disk")
                .containsExactly("I6", "I8", "I9");
        assertThat(lostAndGivenAgain("eu-1", "us-1").broken())
                .as("another region had it")
                .containsExactly("I8", "I9");
    }

    /** A write at 65.4, which was read there, is lost with the disk; its position is given to another one. */
    private static Scene lostAndGivenAgain(String disk, String readIn) {
        return twoWrites(LOCAL)
                .diskCopied(disk)
                .ok("gone", "k1", 7, eu(4))
                .readIn(readIn, eu(4), true, eu(4), Map.of("k1", 7L, "k2", 2L))
                .diskPutBack(disk)
                .logged(EU, "c", "k1", 8)
                .ok("c", "k1", 8, eu(4));
    }

    @Test
    void aSynchronousWriteOfTwoReplicasIsExcusedByTwoDisksOnly() {
        assertThat(leftBehind(SYNC_2).branch("b", eu(3)).diskPutBack("eu-1").broken())
                .containsExactly("I5");
        assertThat(leftBehind(SYNC_2)
                        .branch("b", eu(3))
                        .diskPutBack("eu-1")
                        .diskPutBack("us-1")
                        .broken())
                .isEmpty();
        assertThat(leftBehind(SYNC_2).diskPutBack("eu-1").diskPutBack("us-1").broken())
                .as("the third disk has it, and does not list it")
                .containsExactly("I5");
    }

    @Test
    void aSynchronousWriteMayBeLeftBehindWhereADiskForgotIt() {
        assertThat(leftBehind(SYNC).branch("b", eu(3)).diskPutBack("eu-1").broken())
                .isEmpty();
        assertThat(leftBehind(SYNC).diskPutBack("eu-1").broken())
                .as("it is not listed")
                .containsExactly("I5");
        assertThat(leftBehind(SYNC).diskPutBack("eu-1").diskPutBack("us-1").broken())
                .as("nobody has it any more")
                .isEmpty();
        assertThat(new Scene(SYNC)
                        .diskCopied("eu-1")
                        .diskPutBack("eu-1")
                        .logged(EU, "a", "k1", 1)
                        .opened(US, "us-1")
                        .ok("a", "k1", 1, eu(2))
                        .ok("b", "k2", 2, eu(3))
                        .branch("b", eu(3))
                        .broken())
                .as("acknowledged later")
                .containsExactly("I5");
    }

    // ---- I7

    @Test
    void aCommandThatIsAppliedTwiceIsFound() {
        assertThat(twoWrites(LOCAL).logged(EU, "a", "k1", 1).verdict("I7").violations())
                .anyMatch(violation -> violation.contains("command a is applied again at 65.4"));
    }

    @Test
    void aCommandThatIsCutOffIsFound() {
        assertThat(new Scene(LOCAL)
                        .logged(EU, "a", "k1", 1, header -> header.setEventsInCommand(2))
                        .logged(EU, "b", "k1", 2)
                        .broken())
                .containsExactly("I7");
    }

    @Test
    void whatTheLogWritesOfItsOwnAccordIsNoCommand() {
        assertThat(new Scene(LOCAL)
                        .logged(EU, "", "k1", 1)
                        .logged(EU, "", "k1", 2)
                        .verdict("I7")
                        .violations())
                .isEmpty();
    }

    @Test
    void aCommandOfSeveralEventsIsOne() {
        assertThat(new Scene(LOCAL)
                        .logged(EU, "a", "k1", 1, header -> header.setEventsInCommand(2))
                        .logged(
                                EU,
                                "a",
                                "k2",
                                1,
                                header -> header.setEventsInCommand(2).setIndexInCommand(1))
                        .broken())
                .isEmpty();
    }

    // ---- I8

    @Test
    void aWriteThatStandsBeforeWhatHadEndedBeforeItIsFound() {
        assertThat(new Scene(LOCAL)
                        .logged(EU, "b", "k2", 2)
                        .logged(EU, "a", "k1", 1)
                        .ok("a", "k1", 1, eu(3))
                        .ok("b", "k2", 2, eu(2))
                        .broken())
                .containsExactly("I8");
    }

    @Test
    void writesAtTheSameTimeMayStandInAnyOrder() {
        assertThat(new Scene(LOCAL)
                        .logged(EU, "b", "k2", 2)
                        .logged(EU, "a", "k1", 1)
                        .write("a", "k1", 1, null, 1, 5, Outcome.OK, eu(3))
                        .write("b", "k2", 2, null, 2, 4, Outcome.OK, eu(2))
                        .broken())
                .isEmpty();
    }

    @Test
    void aFreshReadThatMissesAnEarlierWriteIsFound() {
        assertThat(twoWrites(LOCAL).read(eu(2), true, eu(2), Map.of("k1", 1L)).broken())
                .containsExactly("I8");
        assertThat(twoWrites(LOCAL).read(eu(2), false, eu(2), Map.of("k1", 1L)).broken())
                .as("it demanded no more")
                .isEmpty();
    }

    @Test
    void aConditionalWriteThatDoesNotFollowItsConditionIsFound() {
        assertThat(twoWrites(LOCAL)
                        .logged(EU, "c", "k1", 3)
                        .cas("c", "k1", 3, eu(2), eu(4))
                        .broken())
                .containsExactly("I8");
    }

    // ---- I9

    @Test
    void aReadBeforeWhatItDemandedIsFound() {
        assertThat(twoWrites(LOCAL).read(eu(3), false, eu(2), Map.of("k1", 1L)).broken())
                .containsExactly("I9");
    }

    @Test
    void aReadOfOtherValuesThanTheLogHasIsFound() {
        assertThat(twoWrites(LOCAL).read(null, false, eu(3), Map.of("k1", 1L)).broken())
                .containsExactly("I9");
    }

    @Test
    void aReadThatIgnoresThatItsPositionWasRolledBackIsFound() {
        assertThat(leftBehind(LOCAL)
                        .branch("b", eu(3))
                        .read(eu(3), false, us(4), Map.of("k1", 1L, "k3", 3L))
                        .broken())
                .containsExactly("I9");
    }

    @Test
    void rolledBackThoughItIsInForceIsFound() {
        assertThat(twoWrites(LOCAL).rolledBack(eu(3)).broken()).containsExactly("I9");
    }

    @Test
    void rolledBackByALogThatWasPutBackIsExcused() {
        assertThat(twoWrites(LOCAL)
                        .diskCopied("us-1")
                        .rolledBack(eu(3))
                        .diskPutBack("us-1")
                        .broken())
                .isEmpty();
        assertThat(twoWrites(LOCAL)
                        .diskCopied("us-1")
                        .diskPutBack("us-1")
                        .rolledBack(eu(3))
                        .broken())
                .as("said afterwards")
                .containsExactly("I9");
        assertThat(twoWrites(LOCAL)
                        .diskCopied("ap-1")
                        .rolledBack(eu(3))
                        .diskPutBack("ap-1")
                        .broken())
                .as("another disk")
                .containsExactly("I9");
    }

    @Test
    void rolledBackByABranchThatWasGivenUpIsExcused() {
        assertThat(twoWrites(LOCAL).head("us-1", us(3), "x").rolledBack(eu(3)).broken())
                .isEmpty();
        assertThat(twoWrites(LOCAL).head("ap-1", us(3), "x").rolledBack(eu(3)).broken())
                .as("another region was on it")
                .containsExactly("I9");
    }

    @Test
    void rolledBackForAPositionThatWasGivenAgainIsExcused() {
        assertThat(rolledBackAndGivenAgain("eu-1").broken()).isEmpty();
        assertThat(rolledBackAndGivenAgain("ap-1").broken()).as("another disk").containsExactly("I6", "I9");
    }

    private static Scene rolledBackAndGivenAgain(String disk) {
        return twoWrites(LOCAL)
                .diskCopied(disk)
                .ok("gone", "k1", 7, eu(4))
                .diskPutBack(disk)
                .rolledBack(eu(4))
                .logged(EU, "c", "k1", 8)
                .ok("c", "k1", 8, eu(4));
    }

    // ---- I10

    @Test
    void aGatewayThatServesOneStateAfterTheOtherBreaksNothing() {
        assertThat(twoWrites(LOCAL)
                        .served("us-1", Map.of())
                        .served("us-1", Map.of("k1", 1L))
                        .served("us-1", Map.of("k1", 1L))
                        .served("eu-1", Map.of("k1", 1L, "k2", 2L))
                        .served("us-1", Map.of("k1", 1L, "k2", 2L))
                        .broken())
                .isEmpty();
    }

    @Test
    void aGatewayThatGoesBackIsFound() {
        assertThat(twoWrites(LOCAL)
                        .served("us-1", Map.of("k1", 1L, "k2", 2L))
                        .served("us-1", Map.of("k1", 1L))
                        .served("us-1", Map.of("k1", 1L, "k2", 2L))
                        .verdict("I10")
                        .violations())
                .singleElement()
                .asString()
                .contains("served of m the state at 65.2, after that at 65.3");
    }

    @Test
    void aGatewayThatForgetsEverythingIsFound() {
        assertThat(twoWrites(LOCAL)
                        .served("us-1", Map.of("k1", 1L))
                        .served("us-1", Map.of())
                        .served("us-1", Map.of("k1", 1L, "k2", 2L))
                        .broken())
                .containsExactly("I10");
    }

    @Test
    void aGatewayMayLeaveABranchForTheNextEpoch() {
        assertThat(leftBehind(LOCAL)
                        .branch("b", eu(3))
                        .detected(US, EU, 2, "b", "k2", 2)
                        .served("eu-1", Map.of("k1", 1L))
                        .served("eu-1", Map.of("k1", 1L, "k2", 2L))
                        .served("eu-1", Map.of("k1", 1L))
                        .served("eu-1", Map.of("k1", 1L, "k3", 3L))
                        .broken())
                .isEmpty();
    }

    @Test
    void aGatewayThatGoesBackToABranchIsFound() {
        assertThat(leftBehind(LOCAL)
                        .branch("b", eu(3))
                        .detected(US, EU, 2, "b", "k2", 2)
                        .served("eu-1", Map.of("k1", 1L, "k3", 3L))
                        .served("eu-1", Map.of("k1", 1L, "k2", 2L))
                        .served("eu-1", Map.of("k1", 1L, "k3", 3L))
                        .broken())
                .containsExactly("I10");
    }

    @Test
    void aStateThatTheMeshNeverWasIsFound() {
        assertThat(twoWrites(LOCAL)
                        .served("us-1", Map.of("k2", 2L))
                        .served("us-1", Map.of("k1", 1L, "k2", 2L))
                        .broken())
                .as("k2 was never set without k1")
                .containsExactly("I10");
    }

    @Test
    void aStateThatOnlyALostDiskHadIsExcused() {
        assertThat(withALostWrite("eu-1").broken()).isEmpty();
        assertThat(withALostWrite("us-1").broken()).as("another disk").containsExactly("I6", "I10");
    }

    private static Scene withALostWrite(String disk) {
        return twoWrites(LOCAL)
                .diskCopied(disk)
                .ok("gone", "k1", 7, eu(4))
                .served("eu-1", Map.of("k1", 7L, "k2", 2L))
                .diskPutBack(disk)
                .served("eu-1", Map.of("k1", 1L, "k2", 2L));
    }

    @Test
    void aGatewayMayGoBackWithItsRegionsDiskOnly() {
        assertThat(servedAround("us-1").broken()).isEmpty();
        assertThat(servedAround("eu-1").broken()).containsExactly("I10");
    }

    private static Scene servedAround(String disk) {
        return twoWrites(LOCAL)
                .served("us-1", Map.of("k1", 1L, "k2", 2L))
                .diskPutBack(disk)
                .served("us-1", Map.of("k1", 1L))
                .served("us-1", Map.of("k1", 1L, "k2", 2L));
    }

    @Test
    void aGatewayThatWasDownMayGoBackToItsRegionsOldDiskFromWhatItsOwnCopyHad() {
        assertThat(servedFromItsCopy("us-1", "us-1").broken()).isEmpty();
        assertThat(servedFromItsCopy("eu-1", "us-1").broken())
                .as("another disk")
                .containsExactly("I10");
        assertThat(servedFromItsCopy("us-1", "eu-1").broken())
                .as("another gateway was down")
                .containsExactly("I10");
    }

    @Test
    void aGatewayThatWasDownMayNotGoBackFromWhatWasWrittenAfterwards() {
        assertThat(twoWrites(LOCAL)
                        .gatewayKilled("us-1")
                        .diskCopied("us-1")
                        .diskPutBack("us-1")
                        .logged(EU, "later", "k1", 7)
                        .ok("later", "k1", 7, eu(4))
                        .served("us-1", Map.of("k1", 7L, "k2", 2L))
                        .served("us-1", Map.of("k1", 1L, "k2", 2L))
                        .served("us-1", Map.of("k1", 7L, "k2", 2L))
                        .broken())
                .containsExactly("I10");
    }

    private static Scene servedFromItsCopy(String disk, String gateway) {
        return twoWrites(LOCAL)
                .diskCopied(disk)
                .gatewayKilled(gateway)
                .diskPutBack(disk)
                .served("us-1", Map.of("k1", 1L, "k2", 2L))
                .served("us-1", Map.of("k1", 1L))
                .served("us-1", Map.of("k1", 1L, "k2", 2L));
    }

    @Test
    void aGatewayThatTellsOnceMoreWhatItHeldBeforeTheDiskWentBackMayStillFollowIt() {
        assertThat(twoWrites(LOCAL)
                        .served("us-1", Map.of("k1", 1L, "k2", 2L))
                        .diskPutBack("us-1")
                        .served("us-1", Map.of("k1", 1L, "k2", 2L))
                        .served("us-1", Map.of("k1", 1L))
                        .served("us-1", Map.of("k1", 1L, "k2", 2L))
                        .broken())
                .isEmpty();
    }

    @Test
    void aGatewayThatGotNewsAfterTheDiskWentBackMayNotFollowIt() {
        assertThat(twoWrites(LOCAL)
                        .served("us-1", Map.of("k1", 1L))
                        .diskPutBack("us-1")
                        .served("us-1", Map.of("k1", 1L, "k2", 2L))
                        .served("us-1", Map.of("k1", 1L))
                        .served("us-1", Map.of("k1", 1L, "k2", 2L))
                        .broken())
                .containsExactly("I10");
    }

    @Test
    void aGatewayThatStaysBehindIsFound() {
        assertThat(twoWrites(LOCAL).served("us-1", Map.of("k1", 1L)).broken()).containsExactly("I10");
    }

    @Test
    void aGatewayThatServesNothingIsFound() {
        assertThat(twoWrites(LOCAL).gateway("us-1").broken()).containsExactly("I10");
    }

    // ---- I11

    @Test
    void aRegionThatStaysBehindIsFound() {
        assertThat(twoWrites(LOCAL).in("ap-1", log -> log.removeLast()).broken())
                .containsExactly("I11");
    }

    @Test
    void regionsThatNeverAgreedAreFound() {
        assertThat(twoWrites(LOCAL)
                        .converged(new Converged(Outcome.FAIL, 60, "m takes no write"))
                        .verdict("I11")
                        .violations())
                .singleElement()
                .asString()
                .contains("m takes no write");
        assertThat(twoWrites(LOCAL).converged(null).broken()).containsExactly("I11");
    }

    // ---- I12

    /** The old home acknowledged one at 65.3 after the new one had acknowledged one. */
    private static Scene okAfterTheEpoch(int syncReplicas) {
        return new Scene(syncReplicas)
                .logged(EU, "a", "k1", 1)
                .opened(US, "us-1")
                .logged(US, "c", "k3", 3)
                .ok("a", "k1", 1, eu(2))
                .ok("c", "k3", 3, us(4))
                .ok("b", "k2", 2, eu(3))
                .branch("b", eu(3));
    }

    @Test
    void anOkOfAnEpochThatWasLostIsFoundWhereTheHomeMustKnow() {
        assertThat(okAfterTheEpoch(SYNC).broken()).containsExactly("I5", "I12");
        assertThat(okAfterTheEpoch(LOCAL).leased().broken()).containsExactly("I12");
        assertThat(okAfterTheEpoch(LOCAL).broken()).isEmpty();
        assertThat(okAfterTheEpoch(LOCAL).verdict("I12").examined()).contains("1 by a home without lease");
    }

    @Test
    void aNewWriteAtAnOldPositionOfTheCurrentBranchIsFound() {
        assertThat(new Scene(LOCAL)
                        .logged(EU, "a", "k1", 1)
                        .opened(US, "us-1")
                        .logged(US, "c", "k3", 3)
                        .ok("c", "k3", 3, us(4))
                        .ok("a", "k1", 1, eu(2))
                        .broken())
                .containsExactly("I8", "I12");
    }

    @Test
    void anOkOfAnEpochThatWasGivenUpInItsTurnMakesNoLaterEpoch() {
        assertThat(new Scene(LOCAL)
                        .logged(EU, "a", "k1", 1)
                        .logged(EU, "b", "k2", 2)
                        .ok("a", "k1", 1, eu(2))
                        .ok("given-up", "k3", 3, us(4))
                        .ok("b", "k2", 2, eu(3))
                        .branch("given-up", us(4))
                        .broken())
                .isEmpty();
    }

    @Test
    void anOkWithTheHelpOfWhoForgotItsPromiseIsExcused() {
        assertThat(okAfterAPromise(SYNC, "ap-1").broken()).isEmpty();
        assertThat(okAfterAPromise(SYNC, "ap-1").verdict("I12").examined()).contains("and 1 with a region whose disk");
        assertThat(okAfterAPromise(SYNC, "eu-1").broken())
                .as("it had promised nothing")
                .containsExactly("I5", "I12");
        assertThat(okAfterAPromise(SYNC_2, "ap-1").broken())
                .as("the other one remembers")
                .containsExactly("I5", "I12");
        assertThat(okAfterAPromise(SYNC_2, "us-1", "ap-1").broken()).isEmpty();
    }

    /** us-1 took over with the promise of ap-1; disks forget that; the old home acknowledges one more. */
    private static Scene okAfterAPromise(int syncReplicas, String... disks) {
        Scene scene = new Scene(syncReplicas)
                .logged(EU, "a", "k1", 1)
                .takenOver(US, "us-1", "us-1", "ap-1")
                .logged(US, "c", "k3", 3)
                .ok("a", "k1", 1, eu(2));
        for (String disk : disks) {
            scene.diskCopied(disk);
        }
        scene.ok("c", "k3", 3, us(4));
        for (String disk : disks) {
            scene.diskPutBack(disk);
        }
        return scene.ok("b", "k2", 2, eu(3)).branch("b", eu(3));
    }

    @Test
    void aPromiseThatWasGivenAfterTheDiskWentBackIsNotForgotten() {
        assertThat(new Scene(SYNC)
                        .logged(EU, "a", "k1", 1)
                        .takenOver(US, "us-1", "us-1", "ap-1")
                        .logged(US, "c", "k3", 3)
                        .ok("a", "k1", 1, eu(2))
                        .diskCopied("ap-1")
                        .diskPutBack("ap-1")
                        .later(Duration.ofSeconds(11))
                        .head("us-1", eu(2), "x")
                        .ok("c", "k3", 3, us(4))
                        .ok("b", "k2", 2, eu(3))
                        .branch("b", eu(3))
                        .broken())
                .containsExactly("I5", "I12");
    }

    @Test
    void aPromiseThatWasForgottenLaterHelpsNobody() {
        assertThat(okAfterTheEpoch(SYNC).diskCopied("ap-1").diskPutBack("ap-1").broken())
                .containsExactly("I5", "I12");
    }

    // ---- F

    @Test
    void aRefusedWriteThatHappenedIsFound() {
        assertThat(new Scene(LOCAL)
                        .logged(EU, "a", "k", 1)
                        .notOk("a", Outcome.FAIL)
                        .broken())
                .containsExactly("F");
        assertThat(new Scene(LOCAL).branch("a", eu(9)).notOk("a", Outcome.FAIL).broken())
                .as("on a branch")
                .containsExactly("F");
    }

    @Test
    void aWriteWithAnUnknownOutcomeMayHaveHappened() {
        Scene scene = new Scene(LOCAL).logged(EU, "a", "k", 1).notOk("a", Outcome.INFO);
        assertThat(scene.broken()).isEmpty();
        assertThat(scene.verdict("F").examined()).contains("of 1 with an unknown outcome 1 happened");
    }
}
