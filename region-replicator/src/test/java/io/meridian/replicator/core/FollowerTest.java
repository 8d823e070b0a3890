package io.meridian.replicator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.core.FollowerState.Phase;
import io.meridian.replicator.core.FollowerState.Source;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FollowerTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final RegionId EU = new RegionId("eu-1", 1);
    private static final RegionId AP = new RegionId("ap-1", 3);
    private static final Epoch EPOCH = Epoch.NONE.next(1);
    private static final Epoch LATER = EPOCH.next(3);
    private static final Source FROM_EU = new Source(EU, EPOCH);
    private static final Source FROM_AP = new Source(AP, LATER);
    private static final int WINDOW = 10;

    private final Follower follower = new Follower(
            MESH,
            new FollowerSettings(
                    WINDOW, 1000, Duration.ofSeconds(5), new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2))));
    private final Chain home = new Chain(MESH).add(EPOCH, 40);
    private FollowerState state = FollowerState.initial();
    private long now = 1000;

    @Test
    void itOpensWithTheHeadOfItsOwnLogAndAcknowledgesOnlyWhatIsCommitted() {
        assertThat(hear(new FollowerInput.SourceKnown(Optional.of(FROM_EU))))
                .containsExactly(new FollowerOutput.ReadOwnHead());
        assertThat(hear(ownHead(3)))
                .containsExactly(new FollowerOutput.Open(1, EU, headAt(3), home.lineage(), WINDOW));

        assertThat(hear(received(1, 3, 2))).containsExactly(new FollowerOutput.Append(1, EPOCH, home.read(3, 2)));
        assertThat(hear(received(1, 5, 2))).as("one append at a time").isEmpty();
        assertThat(hear(received(1, 7, 1))).isEmpty();

        assertThat(hear(new FollowerInput.Appended(1, headAt(5), null)))
                .containsExactly(
                        new FollowerOutput.Acknowledge(1, headAt(5), WINDOW, 1),
                        new FollowerOutput.Append(1, EPOCH, home.read(5, 3)));
        assertThat(hear(new FollowerInput.Appended(1, headAt(8), null)))
                .containsExactly(new FollowerOutput.Acknowledge(1, headAt(8), WINDOW, 2));
    }

    @Test
    void afterAGapItFetchesAgainFromItsOwnHeadAndPausesIfThatDoesNotHelp() {
        follow(0);
        assertThat(hear(received(1, 4, 1)))
                .containsExactly(new FollowerOutput.Close(1), new FollowerOutput.ReadOwnHead());
        hear(ownHead(0));
        assertThat(hear(received(2, 4, 1))).containsExactly(new FollowerOutput.Close(2));
        assertThat(state.phase())
                .isInstanceOfSatisfying(
                        Phase.Waiting.class,
                        waiting -> assertThat(waiting.why()).contains("missing from seq 1"));
    }

    @Test
    void whatComesTwiceIsNoGapAndWhatIsMissingBehindAnUnansweredAppendIsOne() {
        follow(0);
        hear(received(1, 0, 2));
        assertThat(hear(received(1, 0, 2))).isEmpty();
        hear(new FollowerInput.Appended(1, headAt(2), null));
        assertThat(hear(new FollowerInput.Appended(1, headAt(2), null)))
                .containsExactly(new FollowerOutput.Acknowledge(1, headAt(2), WINDOW, 1));
        hear(received(1, 2, 2));
        assertThat(hear(received(1, 5, 1))).containsExactly(new FollowerOutput.Close(1));
        assertThat(hear(new FollowerInput.Appended(1, headAt(4), null)))
                .containsExactly(new FollowerOutput.ReadOwnHead());
    }

    @Test
    void aGapThatTheLogFindsIsFetchedAgainToo() {
        follow(0);
        hear(received(1, 0, 2));
        assertThat(hear(new FollowerInput.Appended(1, headAt(0), new Acceptance.Gap(1))))
                .containsExactly(new FollowerOutput.Close(1), new FollowerOutput.ReadOwnHead());
        hear(ownHead(0));
        hear(received(2, 0, 2));
        assertThat(hear(new FollowerInput.Appended(2, headAt(0), new Acceptance.Gap(1))))
                .containsExactly(new FollowerOutput.Close(2));
    }

    @Test
    void aLogThatTookEventsAndDoesNotReachThemIsNotAcknowledged() {
        follow(0);
        hear(received(1, 0, 2));
        assertThat(hear(new FollowerInput.Appended(1, headAt(1), null))).containsExactly(new FollowerOutput.Close(1));
        assertThat(state.phase()).isInstanceOf(Phase.Waiting.class);
    }

    @Test
    void atAForkItOpensWhereTheBranchesPartAndGoesOnFromThere() {
        Chain branch = branchAt(20);
        follow(40, FROM_AP);
        assertThat(hear(new FollowerInput.ForkedTold(1, headAt(20))))
                .containsExactly(new FollowerOutput.Close(1), new FollowerOutput.ReadOwnHashAt(1, 20));
        assertThat(hear(new FollowerInput.OwnHashAt(1, Optional.of(headAt(20).hash()))))
                .containsExactly(new FollowerOutput.Open(2, AP, headAt(20), home.lineage(), WINDOW));

        assertThat(hear(new FollowerInput.Received(2, branch.read(20, 3), branch.head())))
                .containsExactly(new FollowerOutput.Append(2, LATER, branch.read(20, 3)));
        Head after = branch.read(22, 1).getFirst().head();
        assertThat(hear(new FollowerInput.Appended(2, after, null)))
                .as("the head is of a lower seq than before and yet news")
                .containsExactly(new FollowerOutput.Acknowledge(2, after, WINDOW, 1));
        now += 4000;
        hear(new FollowerInput.Progress(2, after));
        now += 4000;
        assertThat(hear(new FollowerInput.Tick())).as("in step").isEmpty();
    }

    @Test
    void aForkBeforeTheFirstEventNeedsNoLookUp() {
        follow(40, FROM_AP);
        assertThat(hear(new FollowerInput.ForkedTold(1, Head.empty(MESH))))
                .containsExactly(
                        new FollowerOutput.Close(1), new FollowerOutput.Open(2, AP, headAt(0), home.lineage(), WINDOW));
    }

    @Test
    void aForkThatItsOwnLogDoesNotHoldStopsItAndOneThatIsNoneIsTriedAgain() {
        for (Optional<Hash> own : List.of(Optional.of(Hash.ZERO), Optional.<Hash>empty())) {
            follow(40, FROM_AP);
            hear(new FollowerInput.ForkedTold(1, headAt(20)));
            List<FollowerOutput> outputs = hear(new FollowerInput.OwnHashAt(1, own));
            assertThat(outputs).hasSize(1);
            assertThat(((FollowerOutput.Stopped) outputs.getFirst()).reason()).contains("written twice");
        }
        follow(20, FROM_AP);
        assertThat(hear(new FollowerInput.ForkedTold(1, headAt(20)))).containsExactly(new FollowerOutput.Close(1));
        assertThat(state.phase()).isInstanceOf(Phase.Waiting.class);

        follow(40, FROM_AP);
        hear(new FollowerInput.ForkedTold(1, headAt(20)));
        hear(new FollowerInput.OwnHashFailed(1, "the journal is slow"));
        assertThat(state.phase()).isInstanceOf(Phase.Waiting.class);
    }

    @Test
    void whatWasSentBeforeTheSourceWentOnIsJudgedByItsEarlierEpoch() {
        follow(0);
        hear(received(1, 0, 2));
        hear(received(1, 2, 2));
        Chain branch = branchAt(20);
        hear(new FollowerInput.Received(1, home.read(4, 2), branch.head()));
        assertThat(hear(new FollowerInput.Appended(1, headAt(2), null)))
                .contains(new FollowerOutput.Append(1, EPOCH, home.read(2, 2)));
        assertThat(hear(new FollowerInput.Appended(1, headAt(4), null)))
                .contains(new FollowerOutput.Append(1, LATER, home.read(4, 2)));
    }

    @Test
    void duplicatesBehindAnOldForkAreAcknowledgedAsFarAsTheyCame() {
        follow(40, FROM_AP);
        hear(new FollowerInput.ForkedTold(1, Head.empty(MESH)));
        hear(received(2, 0, 3));
        assertThat(hear(new FollowerInput.Appended(2, headAt(40), null)))
                .as("the log's head is not on the source's branch")
                .containsExactly(new FollowerOutput.Acknowledge(2, headAt(3), WINDOW, 1));
    }

    @Test
    void aConflictStopsItUntilTheHomeMovesOn() {
        follow(0);
        hear(received(1, 0, 1));
        assertThat(hear(new FollowerInput.Appended(1, headAt(0), new Acceptance.Conflict("other bytes"))))
                .containsExactly(new FollowerOutput.Close(1), new FollowerOutput.Stopped("other bytes"));
        now += 100_000;
        assertThat(hear(new FollowerInput.Tick())).isEmpty();
        assertThat(hear(new FollowerInput.PeerBack(EU))).isEmpty();
        assertThat(hear(new FollowerInput.SourceKnown(Optional.of(FROM_EU)))).isEmpty();
        assertThat(state.phase()).isEqualTo(new Phase.Stopped("other bytes"));

        assertThat(hear(new FollowerInput.SourceKnown(Optional.of(new Source(EU, EPOCH.next(1))))))
                .as("the same region in a later turn")
                .containsExactly(new FollowerOutput.ReadOwnHead());
        hear(ownHead(0));
        hear(received(2, 0, 1));
        hear(new FollowerInput.Appended(2, headAt(0), new Acceptance.Conflict("other bytes")));
        assertThat(hear(new FollowerInput.SourceKnown(Optional.of(FROM_AP))))
                .containsExactly(new FollowerOutput.ReadOwnHead());
    }

    @Test
    void anAppendOfTheSourceBeforeStopsNothing() {
        follow(0);
        hear(received(1, 0, 1));
        hear(new FollowerInput.SourceKnown(Optional.of(FROM_AP)));
        assertThat(hear(new FollowerInput.Appended(1, headAt(0), new Acceptance.Conflict("other bytes"))))
                .containsExactly(new FollowerOutput.ReadOwnHead());
    }

    @Test
    void theSameHomeInALaterTurnNeedsNoNewStream() {
        follow(3);
        assertThat(hear(new FollowerInput.SourceKnown(Optional.of(new Source(EU, EPOCH.next(1))))))
                .isEmpty();
        assertThat(hear(received(1, 3, 1))).hasSize(1);
    }

    @Test
    void aHeadOfAnotherEpochAtOurSeqProvesNothing() {
        follow(20);
        Chain branch = branchAt(19);
        assertThat(hear(new FollowerInput.Progress(1, Chain.upTo(branch, 20).head())))
                .isEmpty();
        assertThat(state.phase()).isInstanceOf(Phase.Following.class);
    }

    @Test
    void divergenceMalformedBytesAForeignMeshAndAnotherHeadAtTheSameSeqStopIt() {
        follow(3);
        assertStopped(new FollowerInput.DivergedTold(1, headAt(2), "not on this branch"), "not on this branch");
        follow(3);
        assertStopped(new FollowerInput.Malformed(1, "no header"), "no header");
        follow(3);
        assertStopped(new FollowerInput.Received(1, List.of(), headAt(9)), "without any");
        follow(3);
        EventEnvelope foreign = new Chain(new MeshId("shop")).add(EPOCH, "x", 1);
        assertStopped(new FollowerInput.Received(1, List.of(foreign), foreign.head()), "shop");
        follow(3);
        assertStopped(new FollowerInput.Progress(1, new Head(headAt(3).position(), Hash.ZERO)), "differs from ours");
    }

    @Test
    void aStaleEpochIsTriedAgainLater() {
        follow(0);
        hear(received(1, 0, 1));
        assertThat(hear(new FollowerInput.Appended(1, headAt(0), new Acceptance.StaleEpoch(new Epoch(65)))))
                .containsExactly(new FollowerOutput.Close(1));
        assertThat(state.phase()).isInstanceOf(Phase.Waiting.class);
    }

    @Test
    void aStreamThatIsUpButProvesNothingIsOpenedAnew() {
        follow(3);
        for (int second = 0; second < 5; second++) {
            now += 1000;
            hear(new FollowerInput.Progress(1, headAt(9)));
            assertThat(hear(new FollowerInput.Tick())).isEmpty();
        }
        now += 1000;
        assertThat(hear(new FollowerInput.Tick())).containsExactly(new FollowerOutput.Close(1));

        follow(3);
        for (int second = 0; second < 20; second++) {
            now += 1000;
            hear(new FollowerInput.Progress(1, headAt(3)));
            assertThat(hear(new FollowerInput.Tick()))
                    .as("in step with the home")
                    .isEmpty();
        }
    }

    @Test
    void pausesGrowToTheLongestAndEndAtOnceWhenThePeerIsBack() {
        hear(new FollowerInput.SourceKnown(Optional.of(FROM_EU)));
        long stream = 0;
        for (int failure = 1; failure <= 12; failure++) {
            hear(ownHead(0));
            stream++;
            assertThat(hear(new FollowerInput.StreamFailed(stream, "refused")))
                    .containsExactly(new FollowerOutput.Close(stream));
            long pause = ((Phase.Waiting) state.phase()).untilMillis() - now;
            assertThat(pause).isBetween(Math.min(100L << (failure - 1), 2000) / 2, 2000L);
            assertThat(hear(new FollowerInput.Tick())).isEmpty();
            now += pause;
            assertThat(hear(new FollowerInput.Tick())).containsExactly(new FollowerOutput.ReadOwnHead());
        }
        hear(new FollowerInput.OwnHeadFailed("the journal is slow"));
        assertThat(hear(new FollowerInput.PeerBack(AP))).isEmpty();
        assertThat(hear(new FollowerInput.PeerBack(EU))).containsExactly(new FollowerOutput.ReadOwnHead());
    }

    @Test
    void itNeverOpensWhileAnAppendIsUnanswered() {
        follow(0);
        hear(received(1, 0, 2));
        hear(new FollowerInput.StreamFailed(1, "reset"));
        now += 10_000;
        assertThat(hear(new FollowerInput.Tick())).isEmpty();
        assertThat(hear(new FollowerInput.PeerBack(EU))).isEmpty();
        assertThat(hear(new FollowerInput.Appended(1, headAt(2), null)))
                .containsExactly(new FollowerOutput.ReadOwnHead());
    }

    @Test
    void aSenderThatOverrunsTheWindowLosesItsStream() {
        follow(0);
        hear(received(1, 0, 6));
        assertThat(hear(received(1, 6, 5))).containsExactly(new FollowerOutput.Close(1));
    }

    @Test
    void itFollowsTheNewHomeAndNobodyIfItIsHomeItself() {
        follow(0);
        assertThat(hear(new FollowerInput.SourceKnown(Optional.of(FROM_AP))))
                .containsExactly(new FollowerOutput.Close(1), new FollowerOutput.ReadOwnHead());
        assertThat(hear(ownHead(0)))
                .containsExactly(new FollowerOutput.Open(2, AP, headAt(0), home.lineage(), WINDOW));
        assertThat(hear(received(1, 0, 1))).as("word of the old stream").isEmpty();
        assertThat(hear(new FollowerInput.SourceKnown(Optional.empty()))).containsExactly(new FollowerOutput.Close(2));
        assertThat(state.phase()).isEqualTo(new Phase.Idle());
    }

    /** A stream 1 that was opened at {@code seq}. */
    private void follow(int seq) {
        follow(seq, FROM_EU);
    }

    private void follow(int seq, Source source) {
        state = FollowerState.initial();
        hear(new FollowerInput.SourceKnown(Optional.of(source)));
        hear(ownHead(seq));
    }

    private void assertStopped(FollowerInput input, String reason) {
        List<FollowerOutput> outputs = hear(input);
        assertThat(outputs).hasSize(2);
        assertThat(outputs.getFirst()).isEqualTo(new FollowerOutput.Close(1));
        assertThat(((FollowerOutput.Stopped) outputs.getLast()).reason()).contains(reason);
    }

    private List<FollowerOutput> hear(FollowerInput input) {
        Step<FollowerState, FollowerOutput> step = follower.step(state, new Moment(now, 0.5), input);
        state = step.state();
        return step.outputs();
    }

    private FollowerInput ownHead(int seq) {
        return new FollowerInput.OwnHead(headAt(seq), home.lineage());
    }

    /** The source's log if it went on with a later epoch behind {@code seq}. */
    private Chain branchAt(int seq) {
        Chain branch = Chain.upTo(home, seq);
        branch.open(LATER);
        return branch.add(LATER, 10);
    }

    private FollowerInput received(long stream, long afterSeq, int count) {
        return new FollowerInput.Received(stream, home.read(afterSeq, count), home.head());
    }

    private Head headAt(int seq) {
        return seq == 0 ? Head.empty(MESH) : home.events().get(seq - 1).head();
    }
}
