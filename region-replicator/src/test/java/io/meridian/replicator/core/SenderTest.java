package io.meridian.replicator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.core.SenderState.Opened;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SenderTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final Epoch EPOCH = Epoch.NONE.next(1);
    private static final Epoch LATER = EPOCH.next(1);

    private final Sender sender = senderAt(new RegionId("eu-1", 1));
    private final Chain log = new Chain(MESH).add(EPOCH, 40);
    private SenderState state = sender.open(new Moment(0, 0), new Opened(Head.empty(MESH), Lineage.EMPTY), 1);
    private long now;

    @Test
    void anEmptyReplicaGetsEverythingWithinItsCredits() {
        open(Head.empty(MESH), 10);
        assertThat(hear(new SenderInput.LogHead(log.head())))
                .containsExactly(new SenderOutput.SendProgress(log.head()), new SenderOutput.ReadLog(0, 8));
        assertThat(hear(new SenderInput.Read(log.read(0, 8))))
                .containsExactly(new SenderOutput.SendEvents(log.read(0, 8), log.head()));
        assertThat(hear(new SenderInput.Sent(true))).containsExactly(new SenderOutput.ReadLog(8, 2));
        hear(new SenderInput.Read(log.read(8, 2)));
        assertThat(hear(new SenderInput.Sent(true))).as("the window is full").isEmpty();
        assertThat(hear(new SenderInput.Acknowledged(headAt(4), 10)))
                .containsExactly(new SenderOutput.Acknowledged(headAt(4)), new SenderOutput.ReadLog(10, 4));
    }

    @Test
    void aReplicaOnTheBranchGoesOnFromItsHeadWhichCountsAsAcknowledged() {
        open(headAt(7), 10);
        assertThat(hear(new SenderInput.LogHead(log.head()))).containsExactly(new SenderOutput.ReadLog(6, 1));
        assertThat(hear(new SenderInput.Read(log.read(6, 1))))
                .containsExactly(
                        new SenderOutput.Acknowledged(headAt(7)),
                        new SenderOutput.SendProgress(log.head()),
                        new SenderOutput.ReadLog(7, 8));
    }

    @Test
    void aReplicaInStepNeedsNoRead() {
        open(log.head(), 10);
        assertThat(hear(new SenderInput.LogHead(log.head())))
                .containsExactly(new SenderOutput.Acknowledged(log.head()), new SenderOutput.SendProgress(log.head()));
    }

    @Test
    void aHeadThatIsNotOnTheBranchIsToldAndTheStreamEnds() {
        open(new Head(headAt(7).position(), Hash.ZERO), 10);
        hear(new SenderInput.LogHead(log.head()));
        assertDiverged(new SenderInput.Read(log.read(6, 1)), headAt(7), "not on this log's branch");

        open(new Head(log.head().position(), Hash.ZERO), 10);
        assertDiverged(new SenderInput.LogHead(log.head()), log.head(), "not on this log's branch");

        assertThat(hear(new SenderInput.LogHead(log.head())))
                .as("it stays ended")
                .isEmpty();
    }

    @Test
    void aReplicaAheadOfTheLogIsGivenAMomentInWhichTheHomeMayRecover() {
        open(log.head(), 10);
        assertThat(hear(new SenderInput.LogHead(Head.empty(MESH)))).isEmpty();
        now += 2000;
        assertThat(hear(new SenderInput.Tick())).isEmpty();
        assertThat(hear(new SenderInput.LogHead(log.head()))).contains(new SenderOutput.Acknowledged(log.head()));

        open(log.head(), 10);
        hear(new SenderInput.LogHead(headAt(5)));
        now += 2001;
        assertFails(new SenderInput.Tick(), "ahead of the log's head 1.5");
    }

    @Test
    void aReplicaOfALaterEpochThanTheLogIsGivenTheSameMoment() {
        Chain later = Chain.upTo(log, 7);
        later.open(LATER);
        open(later.head(), later.lineage(), 10);
        assertThat(hear(new SenderInput.LogHead(log.head())))
                .as("seq 8 of the log is of another branch; this log is the one that is behind")
                .isEmpty();
        now += 2001;
        assertFails(new SenderInput.Tick(), "the replica is at 65.8, ahead of the log's head 1.40");
    }

    @Test
    void aReplicaOnAnEarlierEpochsTailIsToldWhereTheBranchesPart() {
        Chain tail = Chain.upTo(log, 20).add(EPOCH, 5);
        Chain home = Chain.upTo(log, 20);
        home.open(LATER);
        home.add(LATER, 10);
        open(tail.head(), tail.lineage(), 10);

        assertThat(hear(new SenderInput.LogHead(home.head()))).containsExactly(new SenderOutput.ReadLog(24, 1));
        assertThat(hear(new SenderInput.Read(home.read(24, 1)))).containsExactly(new SenderOutput.ReadBranch());
        assertThat(hear(new SenderInput.Branch(home.head(), home.lineage())))
                .containsExactly(new SenderOutput.ReadLog(19, 1));
        assertThat(hear(new SenderInput.Read(home.read(19, 1))))
                .containsExactly(new SenderOutput.SendForked(headAt(20)));
        assertThat(hear(new SenderInput.LogHead(home.add(LATER, "e", 1).head())))
                .as("it stays ended")
                .isEmpty();
    }

    @Test
    void soIsOneWhoseTailIsLongerThanTheWholeLogAtOnce() {
        Chain home = Chain.upTo(log, 20);
        home.open(LATER);
        open(log.head(), 10);

        assertThat(hear(new SenderInput.LogHead(home.head()))).containsExactly(new SenderOutput.ReadBranch());
        hear(new SenderInput.Branch(home.head(), home.lineage()));
        assertThat(hear(new SenderInput.Read(home.read(19, 1))))
                .containsExactly(new SenderOutput.SendForked(headAt(20)));
    }

    @Test
    void branchesThatShareNothingPartBeforeTheFirstEvent() {
        Chain home = new Chain(MESH);
        home.open(LATER);
        open(log.head(), 10);
        hear(new SenderInput.LogHead(home.head()));
        assertThat(hear(new SenderInput.Branch(home.head(), home.lineage())))
                .containsExactly(new SenderOutput.SendForked(Head.empty(MESH)));
    }

    @Test
    void anEpochThatWasWrittenTwiceIsADivergence() {
        Chain twice = Chain.upTo(log, 20);
        twice.add(EPOCH, "other", 1);
        Chain home = Chain.upTo(log, 30);
        home.open(LATER);
        open(twice.head(), twice.lineage(), 10);
        hear(new SenderInput.LogHead(home.head()));
        hear(new SenderInput.Read(home.read(20, 1)));
        assertThat(hear(new SenderInput.Branch(home.head(), home.lineage())))
                .containsExactly(new SenderOutput.ReadLog(20, 1));
        assertDiverged(new SenderInput.Read(home.read(20, 1)), headAt(21), "not on this log's branch");
    }

    @Test
    void aForkIsNotToldFromALineageThatIsNoProof() {
        Chain home = Chain.upTo(log, 20);
        home.open(LATER);

        open(log.head(), Lineage.EMPTY, 10);
        hear(new SenderInput.LogHead(home.head()));
        assertFails(new SenderInput.Branch(home.head(), home.lineage()), "not on the branch that it claims");

        open(log.head(), 10);
        hear(new SenderInput.LogHead(home.head()));
        assertFails(new SenderInput.Branch(headAt(30), log.lineage()), "behind its head");

        open(log.head(), 10);
        hear(new SenderInput.LogHead(home.head()));
        hear(new SenderInput.Branch(home.head(), home.lineage()));
        Chain another = Chain.upTo(log, 10);
        another.open(LATER);
        another.add(LATER, 20);
        assertFails(new SenderInput.Read(another.read(19, 1)), "went over to another branch");

        open(log.head(), 10);
        hear(new SenderInput.LogHead(home.head()));
        assertFails(new SenderInput.BranchFailed("no answer"), "no answer");
    }

    @Test
    void aLogThatGoesOverToAnotherBranchEndsTheStream() {
        stream();
        assertFails(
                new SenderInput.LogHead(new Head(new Position(MESH, LATER, 100), Hash.ZERO)), "went on in epoch 65");

        open(Head.empty(MESH), 10);
        hear(new SenderInput.LogHead(log.head()));
        hear(new SenderInput.Read(log.read(0, 8)));
        hear(new SenderInput.Sent(true));
        Chain another = Chain.upTo(log, 5).add(LATER, 20);
        assertFails(new SenderInput.Read(another.read(8, 2)), "does not continue 1.8");
    }

    @Test
    void nothingIsReadWhileTheTransportIsFull() {
        open(Head.empty(MESH), 30);
        hear(new SenderInput.LogHead(log.head()));
        hear(new SenderInput.Read(log.read(0, 8)));
        assertThat(hear(new SenderInput.Sent(false))).isEmpty();
        now += 10_000;
        assertThat(hear(new SenderInput.Tick()))
                .as("nor is a progress added to what waits")
                .isEmpty();
        assertThat(hear(new SenderInput.TransportReady())).containsExactly(new SenderOutput.ReadLog(8, 8));
    }

    @Test
    void batchesStayBelowTheirSizeAndALargeEventGoesAlone() {
        Chain large = new Chain(MESH);
        large.add(EPOCH, "a", 500);
        large.add(EPOCH, "a", 5000);
        large.add(EPOCH, "a", 500);
        large.add(EPOCH, "a", 200);
        open(Head.empty(MESH), 10);
        hear(new SenderInput.LogHead(large.head()));
        assertThat(hear(new SenderInput.Read(large.read(0, 4))))
                .containsExactly(
                        new SenderOutput.SendEvents(large.read(0, 1), large.head()),
                        new SenderOutput.SendEvents(large.read(1, 1), large.head()),
                        new SenderOutput.SendEvents(large.read(2, 2), large.head()));
    }

    @Test
    void anIdleStreamSpeaksEverySecond() {
        open(log.head(), 10);
        hear(new SenderInput.LogHead(log.head()));
        now += 900;
        assertThat(hear(new SenderInput.Tick())).isEmpty();
        now += 100;
        assertThat(hear(new SenderInput.Tick())).containsExactly(new SenderOutput.SendProgress(log.head()));
    }

    @Test
    void anAcknowledgementOfSomethingElseThanWasSentEndsTheStream() {
        stream();
        assertDiverged(
                new SenderInput.Acknowledged(new Head(headAt(4).position(), Hash.ZERO), 10),
                headAt(4),
                "another event");
    }

    @Test
    void whatCameByAnotherWayCountsOnceTheOwnLogIsSeenToHaveIt() {
        open(headAt(7), 0);
        hear(new SenderInput.LogHead(log.head()));
        assertThat(hear(new SenderInput.Read(log.read(6, 1))))
                .as("a shut window")
                .containsExactly(new SenderOutput.Acknowledged(headAt(7)), new SenderOutput.SendProgress(log.head()));

        assertThat(hear(new SenderInput.Acknowledged(log.head(), 0)))
                .as("the log's head is known")
                .containsExactly(new SenderOutput.Acknowledged(log.head()));
        open(headAt(7), 0);
        hear(new SenderInput.LogHead(log.head()));
        hear(new SenderInput.Read(log.read(6, 1)));
        assertThat(hear(new SenderInput.Acknowledged(headAt(20), 0))).containsExactly(new SenderOutput.ReadLog(19, 1));
        assertThat(hear(new SenderInput.Acknowledged(headAt(22), 0))).isEmpty();
        assertThat(hear(new SenderInput.Acknowledged(headAt(25), 0)))
                .as("only the newest")
                .isEmpty();
        assertThat(hear(new SenderInput.Read(log.read(19, 1))))
                .containsExactly(new SenderOutput.Acknowledged(headAt(20)), new SenderOutput.ReadLog(24, 1));
        assertThat(hear(new SenderInput.Read(log.read(24, 1))))
                .containsExactly(new SenderOutput.Acknowledged(headAt(25)));
    }

    @Test
    void aWindowThatIsOpenedAgainGoesOnBehindWhatTheReplicaHolds() {
        open(headAt(7), 0);
        hear(new SenderInput.LogHead(headAt(20)));
        hear(new SenderInput.Read(log.read(6, 1)));
        hear(new SenderInput.Acknowledged(headAt(20), 0));
        hear(new SenderInput.LogHead(log.head()));

        assertThat(hear(new SenderInput.Acknowledged(headAt(20), 10))).containsExactly(new SenderOutput.ReadLog(20, 8));
        assertThat(hear(new SenderInput.Read(log.read(20, 8))))
                .containsExactly(new SenderOutput.SendEvents(log.read(20, 8), log.head()));
        hear(new SenderInput.Sent(true));
        hear(new SenderInput.Acknowledged(headAt(23), 0));
        assertThat(hear(new SenderInput.Read(log.read(28, 2)))).as("shut again").isEmpty();
    }

    @Test
    void anAcknowledgementAheadOfTheLogWaitsAMomentForTheLogsHead() {
        open(headAt(7), 0);
        hear(new SenderInput.LogHead(headAt(7)));
        assertThat(hear(new SenderInput.Acknowledged(headAt(9), 0))).isEmpty();
        assertThat(hear(new SenderInput.LogHead(headAt(9)))).containsExactly(new SenderOutput.Acknowledged(headAt(9)));

        hear(new SenderInput.Acknowledged(headAt(12), 0));
        now += 2000;
        hear(new SenderInput.Tick());
        now += 1;
        assertFails(new SenderInput.Tick(), "acknowledged 1.12, ahead of the log's head 1.9");
    }

    @Test
    void anAcknowledgementOfWhatTheLogDoesNotHoldEndsTheStream() {
        open(headAt(7), 0);
        hear(new SenderInput.LogHead(headAt(7)));
        hear(new SenderInput.LogHead(log.head()));
        hear(new SenderInput.Acknowledged(new Head(headAt(20).position(), Hash.ZERO), 0));
        assertDiverged(new SenderInput.Read(log.read(19, 1)), headAt(20), "another event");

        Chain later = Chain.upTo(log, 20);
        open(headAt(7), 0);
        hear(new SenderInput.LogHead(headAt(7)));
        hear(new SenderInput.LogHead(log.head()));
        hear(new SenderInput.Acknowledged(later.open(LATER).head(), 0));
        assertFails(new SenderInput.Read(log.read(20, 1)), "not on this log's branch");
    }

    @Test
    void aReplicaThatOwesAnAcknowledgementTooLongLosesItsStream() {
        stream();
        now += 30_000;
        assertThat(hear(new SenderInput.Tick())).noneMatch(SenderOutput.Fail.class::isInstance);
        now += 1;
        assertThat(hear(new SenderInput.Tick())).hasOnlyElementsOfType(SenderOutput.Fail.class);
    }

    @Test
    void onlyTheHomeCountsAcknowledgements() {
        Sender replica = senderAt(new RegionId("us-1", 2));
        SenderState open = replica.open(new Moment(0, 0), new Opened(log.head(), log.lineage()), 10);
        assertThat(replica.step(open, new Moment(0, 0), new SenderInput.LogHead(log.head()))
                        .outputs())
                .containsExactly(new SenderOutput.SendProgress(log.head()));
    }

    @Test
    void aLogThatIsReadWithAHoleIsNotSent() {
        open(Head.empty(MESH), 10);
        hear(new SenderInput.LogHead(log.head()));
        assertThat(hear(new SenderInput.Read(log.read(1, 3)))).hasOnlyElementsOfType(SenderOutput.Fail.class);
    }

    /** A stream with eight events sent and none acknowledged. */
    private void stream() {
        open(Head.empty(MESH), 10);
        hear(new SenderInput.LogHead(log.head()));
        hear(new SenderInput.Read(log.read(0, 8)));
        hear(new SenderInput.Sent(true));
    }

    private void open(Head head, int credits) {
        open(head, log.lineage(), credits);
    }

    private void open(Head head, Lineage lineage, int credits) {
        state = sender.open(new Moment(now, 0), new Opened(head, lineage), credits);
    }

    private void assertFails(SenderInput input, String reason) {
        List<SenderOutput> outputs = hear(input);
        assertThat(outputs).hasSize(1);
        assertThat(((SenderOutput.Fail) outputs.getFirst()).reason()).contains(reason);
    }

    private void assertDiverged(SenderInput input, Head homeAtSeq, String message) {
        List<SenderOutput> outputs = hear(input);
        assertThat(outputs).hasSize(1);
        SenderOutput.SendDiverged diverged = (SenderOutput.SendDiverged) outputs.getFirst();
        assertThat(diverged.homeAtSeq()).isEqualTo(homeAtSeq);
        assertThat(diverged.message()).contains(message);
    }

    private List<SenderOutput> hear(SenderInput input) {
        Step<SenderState, SenderOutput> step = sender.step(state, new Moment(now, 0.5), input);
        state = step.state();
        return step.outputs();
    }

    private Head headAt(int seq) {
        return log.events().get(seq - 1).head();
    }

    private static Sender senderAt(RegionId self) {
        return new Sender(
                self,
                new SenderSettings(8, 2000, 100, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(30)));
    }
}
