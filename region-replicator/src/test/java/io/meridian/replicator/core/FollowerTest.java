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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FollowerTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final RegionId EU = new RegionId("eu-1", 1);
    private static final RegionId AP = new RegionId("ap-1", 3);
    private static final Epoch EPOCH = Epoch.NONE.next(1);
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
        assertThat(hear(new FollowerInput.SourceKnown(Optional.of(EU))))
                .containsExactly(new FollowerOutput.ReadOwnHead());
        assertThat(hear(new FollowerInput.OwnHead(headAt(3))))
                .containsExactly(new FollowerOutput.Open(1, EU, headAt(3), WINDOW));

        assertThat(hear(received(1, 3, 2))).containsExactly(new FollowerOutput.Append(1, home.read(3, 2)));
        assertThat(hear(received(1, 5, 2))).as("one append at a time").isEmpty();
        assertThat(hear(received(1, 7, 1))).isEmpty();

        assertThat(hear(new FollowerInput.Appended(1, headAt(5), null)))
                .containsExactly(
                        new FollowerOutput.Acknowledge(1, headAt(5), WINDOW, 1),
                        new FollowerOutput.Append(1, home.read(5, 3)));
        assertThat(hear(new FollowerInput.Appended(1, headAt(8), null)))
                .containsExactly(new FollowerOutput.Acknowledge(1, headAt(8), WINDOW, 2));
    }

    @Test
    void afterAGapItFetchesAgainFromItsOwnHeadAndPausesIfThatDoesNotHelp() {
        follow(0);
        hear(received(1, 4, 1));
        assertThat(hear(new FollowerInput.Appended(1, headAt(0), new Acceptance.Gap(1))))
                .containsExactly(new FollowerOutput.Close(1), new FollowerOutput.ReadOwnHead());
        hear(new FollowerInput.OwnHead(headAt(0)));
        hear(received(2, 4, 1));
        assertThat(hear(new FollowerInput.Appended(2, headAt(0), new Acceptance.Gap(1))))
                .containsExactly(new FollowerOutput.Close(2));
        assertThat(state.phase())
                .isInstanceOfSatisfying(
                        Phase.Waiting.class,
                        waiting -> assertThat(waiting.why()).contains("missing from seq 1"));
    }

    @Test
    void aConflictStopsItForGood() {
        follow(0);
        hear(received(1, 0, 1));
        assertThat(hear(new FollowerInput.Appended(1, headAt(0), new Acceptance.Conflict("other bytes"))))
                .containsExactly(new FollowerOutput.Close(1), new FollowerOutput.Stopped("other bytes"));
        now += 100_000;
        assertThat(hear(new FollowerInput.Tick())).isEmpty();
        assertThat(hear(new FollowerInput.SourceKnown(Optional.of(AP)))).isEmpty();
        assertThat(state.phase()).isEqualTo(new Phase.Stopped("other bytes"));
    }

    @Test
    void divergenceMalformedBytesAForeignMeshAndAnotherHeadAtTheSameSeqStopIt() {
        follow(3);
        assertStopped(new FollowerInput.DivergedTold(1, headAt(2), "not on this branch"), "not on this branch");
        follow(3);
        assertStopped(new FollowerInput.Malformed(1, "no header"), "no header");
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
        hear(new FollowerInput.SourceKnown(Optional.of(EU)));
        long stream = 0;
        for (int failure = 1; failure <= 12; failure++) {
            hear(new FollowerInput.OwnHead(headAt(0)));
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
        assertThat(hear(new FollowerInput.SourceKnown(Optional.of(AP))))
                .containsExactly(new FollowerOutput.Close(1), new FollowerOutput.ReadOwnHead());
        assertThat(hear(new FollowerInput.OwnHead(headAt(0))))
                .containsExactly(new FollowerOutput.Open(2, AP, headAt(0), WINDOW));
        assertThat(hear(received(1, 0, 1))).as("word of the old stream").isEmpty();
        assertThat(hear(new FollowerInput.SourceKnown(Optional.empty()))).containsExactly(new FollowerOutput.Close(2));
        assertThat(state.phase()).isEqualTo(new Phase.Idle());
    }

    /** A stream 1 that was opened at {@code seq}. */
    private void follow(int seq) {
        state = FollowerState.initial();
        hear(new FollowerInput.SourceKnown(Optional.of(EU)));
        hear(new FollowerInput.OwnHead(headAt(seq)));
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

    private FollowerInput received(long stream, long afterSeq, int count) {
        return new FollowerInput.Received(stream, home.read(afterSeq, count), home.head());
    }

    private Head headAt(int seq) {
        return seq == 0 ? Head.empty(MESH) : home.events().get(seq - 1).head();
    }
}
