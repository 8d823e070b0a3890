package io.meridian.replicator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.core.FollowerState.Phase;
import io.meridian.replicator.core.FollowerState.Source;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A follower whose events come by the home's topic, and what makes it take them by the stream. */
class FollowerTopicTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final RegionId EU = new RegionId("eu-1", 1);
    private static final RegionId AP = new RegionId("ap-1", 3);
    private static final Epoch EPOCH = Epoch.NONE.next(1);
    private static final Epoch LATER = EPOCH.next(3);
    private static final Source FROM_EU = new Source(EU, EPOCH);
    private static final Source FROM_AP = new Source(AP, LATER);
    private static final int WINDOW = 10;
    private static final int PATIENCE_MILLIS = 2000;

    private final Follower follower = new Follower(
            MESH,
            new FollowerSettings(
                    WINDOW,
                    1000,
                    Duration.ofSeconds(5),
                    new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2)),
                    Duration.ofMillis(PATIENCE_MILLIS)));
    private final Chain home = new Chain(MESH).add(EPOCH, 40);
    private FollowerState state = FollowerState.initial();
    private long now = 1000;
    private long offers;

    @Test
    void itOpensWithAShutWindowAndAcknowledgesWhatItTookFromTheTopic() {
        hear(new FollowerInput.Topics(Set.of(EU)));
        hear(new FollowerInput.SourceKnown(Optional.of(FROM_EU)));
        assertThat(hear(ownHead(3))).containsExactly(new FollowerOutput.Open(1, EU, headAt(3), home.lineage(), 0));

        assertThat(offer(3, 2)).containsExactly(new FollowerOutput.Append(1, EPOCH, home.read(3, 2)));
        assertThat(offer(5, 2)).as("one append at a time").isEmpty();
        assertThat(state.offers()).containsExactlyInAnyOrder(1L, 2L);
        assertThat(hear(new FollowerInput.Appended(1, headAt(5), null)))
                .containsExactly(
                        new FollowerOutput.Acknowledge(1, headAt(5), 0, 0),
                        new FollowerOutput.Append(1, EPOCH, home.read(5, 2)));
        assertThat(state.offers()).containsExactly(2L);
        hear(new FollowerInput.Appended(1, headAt(7), null));
        assertThat(state.offers()).isEmpty();
    }

    @Test
    void withoutATopicOfTheSourceEventsComeByTheStream() {
        hear(new FollowerInput.Topics(Set.of(AP)));
        hear(new FollowerInput.SourceKnown(Optional.of(FROM_EU)));
        assertThat(hear(ownHead(3))).containsExactly(new FollowerOutput.Open(1, EU, headAt(3), home.lineage(), WINDOW));
        // A region that holds what the home lost has it from elsewhere: its topic does not.
        state = FollowerState.initial();
        hear(new FollowerInput.Topics(Set.of(AP)));
        hear(new FollowerInput.SourceKnown(Optional.of(new Source(AP, EPOCH))));
        assertThat(hear(ownHead(3))).containsExactly(new FollowerOutput.Open(1, AP, headAt(3), home.lineage(), WINDOW));
    }

    @Test
    void whatIsMissingInTheTopicComesByTheStreamUntilTheTopicHasReachedWhatIsHere() {
        followByTopic(3);
        assertThat(offer(5, 2)).containsExactly(new FollowerOutput.Acknowledge(1, headAt(3), WINDOW, 0));
        assertThat(state.route())
                .isInstanceOfSatisfying(
                        Route.ByStream.class,
                        byStream -> assertThat(byStream.why()).contains("from seq 4"));
        assertThat(state.offers()).isEmpty();

        hear(received(3, 4));
        assertThat(offer(8, 1)).as("still something missing").isEmpty();
        assertThat(hear(new FollowerInput.Appended(1, headAt(7), null)))
                .containsExactly(new FollowerOutput.Acknowledge(1, headAt(7), WINDOW, 1));
        assertThat(offer(4, 2)).as("behind what is here").isEmpty();
        assertThat(offer(5, 2))
                .as("the topic has come as far as the stream")
                .containsExactly(new FollowerOutput.Acknowledge(1, headAt(7), 0, 0));
        assertThat(offer(7, 1)).containsExactly(new FollowerOutput.Append(1, EPOCH, home.read(7, 1)));
    }

    @Test
    void aHoleInsideAnOfferEndsItThere() {
        followByTopic(3);
        List<EventEnvelope> holed = List.of(at(4), at(5), at(7));
        assertThat(hear(new FollowerInput.Offered(++offers, EU, holed)))
                .containsExactly(
                        new FollowerOutput.Acknowledge(1, headAt(3), WINDOW, 0),
                        new FollowerOutput.Append(1, EPOCH, home.read(3, 2)));
        assertThat(hear(new FollowerInput.Appended(1, headAt(5), null)))
                .containsExactly(new FollowerOutput.Acknowledge(1, headAt(5), WINDOW, 0));
    }

    @Test
    void whatTheTopicHoldsTwiceIsTakenOnce() {
        followByTopic(3);
        assertThat(offer(1, 4)).containsExactly(new FollowerOutput.Append(1, EPOCH, home.read(3, 2)));
        assertThat(offer(1, 4)).isEmpty();
        assertThat(state.offers()).containsExactly(1L);
        assertThat(state.route()).isEqualTo(Route.TOPIC);
    }

    @Test
    void aTopicThatOwesAnEventForTooLongIsWaitedForNoMore() {
        followByTopic(3);
        for (int second = 0; second < 10; second++) {
            now += 1000;
            hear(new FollowerInput.Progress(1, headAt(3)));
            assertThat(hear(new FollowerInput.Tick())).as("nothing is owed").isEmpty();
        }
        hear(new FollowerInput.Progress(1, headAt(4)));
        now += PATIENCE_MILLIS;
        assertThat(hear(new FollowerInput.Tick())).isEmpty();
        now++;
        assertThat(hear(new FollowerInput.Tick()))
                .containsExactly(new FollowerOutput.Acknowledge(1, headAt(3), WINDOW, 0));
        now += PATIENCE_MILLIS;
        assertThat(hear(new FollowerInput.Tick())).as("said once").isEmpty();
    }

    @Test
    void aTopicThatCannotBeReadAnyMoreIsLeftAtOnce() {
        followByTopic(3);
        assertThat(hear(new FollowerInput.Topics(Set.of())))
                .containsExactly(new FollowerOutput.Acknowledge(1, headAt(3), WINDOW, 0));
        assertThat(hear(new FollowerInput.Topics(Set.of(EU))))
                .as("it has yet to show that nothing is missing")
                .isEmpty();
        offer(3, 1);
        assertThat(state.route()).isEqualTo(Route.TOPIC);
    }

    @Test
    void aConflictOrAGapThatTheTopicBroughtIsNoWordOfTheHome() {
        for (Acceptance verdict : List.of(new Acceptance.Conflict("other bytes"), new Acceptance.Gap(2))) {
            followByTopic(3);
            offer(3, 1);
            assertThat(hear(new FollowerInput.Appended(1, headAt(3), verdict)))
                    .containsExactly(new FollowerOutput.Close(1));
            assertThat(state.phase()).isInstanceOf(Phase.Waiting.class);
            assertThat(state.offers()).isEmpty();
            now += 100_000;
            hear(new FollowerInput.Tick());
            assertThat(hear(ownHead(3)))
                    .as("the home is asked")
                    .containsExactly(new FollowerOutput.Open(2, EU, headAt(3), home.lineage(), WINDOW));
        }
    }

    @Test
    void aForgedHeadIsFoundOutByTheHomesOwnWord() {
        followByTopic(3);
        Chain forged = Chain.upTo(home, 3);
        EventEnvelope event = forged.add(EPOCH, "forged", 20);
        hear(new FollowerInput.Offered(++offers, EU, List.of(event)));
        hear(new FollowerInput.Appended(1, event.head(), null));
        assertThat(hear(new FollowerInput.Progress(1, headAt(4)))).hasSize(2);
        assertThat(state.phase()).isInstanceOf(Phase.Stopped.class);
    }

    @Test
    void whatIsOfAnEarlierTurnOfTheSourceOrOfAnotherRegionIsNotTaken() {
        Epoch third = LATER.next(1);
        hear(new FollowerInput.Topics(Set.of(EU, AP)));
        hear(new FollowerInput.SourceKnown(Optional.of(new Source(EU, third))));
        hear(ownHead(3));
        assertThat(offer(3, 2)).as("perhaps of a tail that was left since").isEmpty();
        assertThat(state.offers()).isEmpty();
        assertThat(hear(new FollowerInput.Offered(++offers, AP, home.read(3, 2))))
                .isEmpty();
        assertThat(state.offers()).isEmpty();
    }

    @Test
    void whatComesBeforeItsTurnIsKnownIsKeptForAMoment() {
        hear(new FollowerInput.Topics(Set.of(EU, AP)));
        offer(3, 2);
        hear(new FollowerInput.SourceKnown(Optional.of(FROM_EU)));
        offer(5, 1);
        assertThat(hear(ownHead(3)))
                .containsExactly(
                        new FollowerOutput.Open(1, EU, headAt(3), home.lineage(), 0),
                        new FollowerOutput.Append(1, EPOCH, home.read(3, 2)));
        assertThat(state.offers()).containsExactly(1L, 2L);
        hear(new FollowerInput.Appended(1, headAt(5), null));
        hear(new FollowerInput.Appended(1, headAt(6), null));

        Chain branch = Chain.upTo(home, 6);
        EventEnvelope opening = branch.open(LATER);
        assertThat(hear(new FollowerInput.Offered(++offers, AP, List.of(opening))))
                .isEmpty();
        hear(new FollowerInput.SourceKnown(Optional.of(FROM_AP)));
        assertThat(hear(ownHead(6)))
                .containsExactly(
                        new FollowerOutput.Open(2, AP, headAt(6), home.lineage(), 0),
                        new FollowerOutput.Append(2, LATER, List.of(opening)));
    }

    @Test
    void whatNobodyTakesIsGivenUpInTimeAndBeyondABound() {
        offer(0, 4);
        offer(4, 6);
        offer(10, 1);
        assertThat(state.offers()).containsExactlyInAnyOrder(1L, 2L);
        now += PATIENCE_MILLIS + 1;
        hear(new FollowerInput.Tick());
        assertThat(state.offers()).isEmpty();
    }

    @Test
    void aStoppedMeshTakesNothingAndHoldsUpNothing() {
        followByTopic(3);
        hear(new FollowerInput.DivergedTold(1, headAt(2), "not on this branch"));
        assertThat(offer(3, 2)).isEmpty();
        assertThat(state.offers()).isEmpty();
    }

    @Test
    void moreThanTheWindowIsNotKept() {
        followByTopic(0);
        offer(0, 6);
        assertThat(offer(6, 6)).containsExactly(new FollowerOutput.Acknowledge(1, headAt(0), WINDOW, 0));
        assertThat(state.offers()).containsExactly(1L);
        assertThat(hear(received(6, 6)))
                .as("what comes by the stream has a window of its own")
                .isEmpty();
        assertThat(hear(new FollowerInput.Appended(1, headAt(6), null)))
                .containsExactly(
                        new FollowerOutput.Acknowledge(1, headAt(6), WINDOW, 0),
                        new FollowerOutput.Append(1, EPOCH, home.read(6, 6)));
    }

    @Test
    void forksAreForTheStream() {
        Chain branch = Chain.upTo(home, 20);
        branch.open(LATER);
        hear(new FollowerInput.Topics(Set.of(AP)));
        hear(new FollowerInput.SourceKnown(Optional.of(FROM_AP)));
        hear(ownHead(40));
        assertThat(hear(new FollowerInput.Offered(++offers, AP, branch.read(20, 1))))
                .isEmpty();
        hear(new FollowerInput.ForkedTold(1, headAt(20)));
        hear(new FollowerInput.Offered(++offers, AP, branch.read(20, 1)));
        assertThat(hear(new FollowerInput.OwnHashAt(1, Optional.of(headAt(20).hash()))))
                .containsExactly(
                        new FollowerOutput.Open(2, AP, headAt(20), home.lineage(), 0),
                        new FollowerOutput.Append(2, LATER, branch.read(20, 1)));
    }

    /** A stream 1 that was opened at {@code seq} with a shut window. */
    private void followByTopic(int seq) {
        state = FollowerState.initial();
        hear(new FollowerInput.Topics(Set.of(EU)));
        hear(new FollowerInput.SourceKnown(Optional.of(FROM_EU)));
        hear(ownHead(seq));
        assertThat(state.route()).isEqualTo(Route.TOPIC);
    }

    private List<FollowerOutput> offer(long afterSeq, int count) {
        return hear(new FollowerInput.Offered(++offers, EU, home.read(afterSeq, count)));
    }

    private FollowerInput received(long afterSeq, int count) {
        return new FollowerInput.Received(1, home.read(afterSeq, count), home.head());
    }

    private List<FollowerOutput> hear(FollowerInput input) {
        Step<FollowerState, FollowerOutput> step = follower.step(state, new Moment(now, 0.5), input);
        state = step.state();
        return step.outputs();
    }

    private FollowerInput ownHead(int seq) {
        return new FollowerInput.OwnHead(headAt(seq), home.lineage());
    }

    private EventEnvelope at(int seq) {
        return home.events().get(seq - 1);
    }

    private Head headAt(int seq) {
        return seq == 0 ? Head.empty(MESH) : at(seq).head();
    }
}
