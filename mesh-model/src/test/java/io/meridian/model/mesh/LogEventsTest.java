package io.meridian.model.mesh;

import static io.meridian.model.fixture.MeshFixture.mesh;
import static io.meridian.model.fixture.MeshFixture.put;
import static io.meridian.model.fixture.MeshFixture.virtualService;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.api.events.v1.MeshSnapshot;
import io.meridian.api.events.v1.Takeover;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Lineage;
import io.meridian.model.mesh.MeshEvent.SegmentOpened.Cause;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Events that no client asked for: moves of the home, and what they leave behind. */
class LogEventsTest {
    private static final RegionId US = new RegionId("us-1", 2);
    private static final Epoch NEXT = MeshFixture.EPOCH.next(US.index());
    private static final Origin PROTOCOL = new Origin("", MeshFixture.ALICE, "a failover", "us-1");
    private static final Takeover TAKEOVER =
            Takeover.newBuilder().addPromisedBy("us-1").setEventsAtRisk(3).build();

    @Test
    void aHandoverThatDrainsTakesNoWritesUntilItIsGivenUp() {
        MeshFixture bookinfo = mesh("bookinfo").record(new MeshEvent.HandoverStarted("us-1"));
        long startedSeq = bookinfo.state().head().position().seq();

        assertThat(bookinfo.state().handover()).contains(new MeshState.Handover("us-1", startedSeq));
        assertThat(bookinfo.send(new MeshCommand.DeleteMesh()))
                .isInstanceOfSatisfying(
                        CommandOutcome.Unavailable.class,
                        unavailable -> assertThat(unavailable.message()).contains("handed over to region us-1"));

        bookinfo.record(new MeshEvent.HandoverAborted("us-1", "10 s passed"));
        assertThat(bookinfo.state().handover()).isEmpty();
        bookinfo.accept(new MeshCommand.DeleteMesh());
    }

    @Test
    void aSealNamesTheSuccessorAndEndsTheSegmentForGood() {
        MeshFixture bookinfo = mesh("bookinfo")
                .record(new MeshEvent.HandoverStarted("us-1"))
                .record(new MeshEvent.SegmentSealed(NEXT, "us-1"));

        assertThat(bookinfo.state().sealed()).isTrue();
        assertThat(bookinfo.state().successor()).contains(new MeshState.Successor(NEXT, "us-1"));
        assertThat(bookinfo.state().handover()).isEmpty();
        assertThat(bookinfo.send(new MeshCommand.DeleteMesh())).isInstanceOf(CommandOutcome.Unavailable.class);
        assertThatThrownBy(() -> bookinfo.record(new MeshEvent.HandoverAborted("us-1", "too late")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theSuccessorOpensTheNextSegmentWithTheWholeState() throws UnreadableEventException {
        MeshFixture bookinfo = mesh("bookinfo").record(new MeshEvent.SegmentSealed(NEXT, "us-1"));
        MeshState base = bookinfo.state();

        Turn.Commit commit = HomeTurn.open(base, PROTOCOL, writer(NEXT), Cause.HANDOVER, Optional.empty());

        EventEnvelope opening = commit.envelopes().getFirst();
        assertThat(commit.envelopes()).hasSize(1);
        assertThat(commit.outcome().position()).isEqualTo(opening.position());
        assertThat(opening.prevHash()).isEqualTo(base.head().hash());
        assertThat(opening.seq()).isEqualTo(base.head().position().seq() + 1);
        assertThat(EventCodec.decode(opening))
                .isEqualTo(new MeshEvent.SegmentOpened(
                        MeshFixture.EPOCH,
                        base.head().position().seq(),
                        Cause.HANDOVER,
                        Optional.of(base),
                        SnapshotCodec.stateHash(base),
                        "us-1",
                        Optional.empty()));
        MeshState next = commit.next();
        assertThat(next.sealed()).isFalse();
        assertThat(next.successor()).isEmpty();
        assertThat(next.homeRegion()).isEqualTo("us-1");
        assertThat(next.lineage())
                .isEqualTo(Lineage.EMPTY
                        .plus(MeshFixture.EPOCH, 0)
                        .plus(NEXT, base.head().position().seq()));
        assertThat(Evolver.evolve(MeshState.empty(base.id()), opening)).isEqualTo(next);
    }

    @Test
    void aForcedOpeningSaysOnWhatGrounds() throws UnreadableEventException {
        MeshState base =
                mesh("bookinfo").record(new MeshEvent.HandoverStarted("ap-1")).state();

        Turn.Commit commit = HomeTurn.open(base, PROTOCOL, writer(NEXT), Cause.RECLAIMED, Optional.of(TAKEOVER));

        assertThat(EventCodec.decode(commit.envelopes().getFirst()))
                .isInstanceOfSatisfying(MeshEvent.SegmentOpened.class, opened -> {
                    assertThat(opened.cause()).isEqualTo(Cause.RECLAIMED);
                    assertThat(opened.takeover()).contains(TAKEOVER);
                });
        assertThat(commit.next().handover()).isEmpty();
    }

    @Test
    void anEmptyLogIsOpenedWithoutAState() throws UnreadableEventException {
        MeshState empty = MeshState.empty(new MeshId("bookinfo"));

        Turn.Commit commit = HomeTurn.open(empty, PROTOCOL, writer(NEXT), Cause.FORCED, Optional.of(TAKEOVER));

        assertThat(EventCodec.decode(commit.envelopes().getFirst()))
                .isInstanceOfSatisfying(MeshEvent.SegmentOpened.class, opened -> {
                    assertThat(opened.state()).isEmpty();
                    assertThat(opened.parentEpoch()).isEqualTo(Epoch.NONE);
                });
        assertThat(commit.next().lineage()).isEqualTo(Lineage.EMPTY.plus(NEXT, 0));
    }

    @Test
    void anEpochIsNeverOpenedTwiceNorBackwards() {
        MeshState base = mesh("bookinfo").state();
        Writer same = new Writer(MeshFixture.HOME, MeshFixture.EPOCH, "incarnation-2", MeshFixture.START);

        assertThatThrownBy(() -> HomeTurn.open(base, PROTOCOL, same, Cause.RECLAIMED, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onlyTheWriterOfTheSegmentRecords() {
        MeshState state = mesh("bookinfo").state();

        assertThatThrownBy(() ->
                        HomeTurn.record(state, PROTOCOL, writer(NEXT), List.of(new MeshEvent.HandoverStarted("us-1"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> HomeTurn.record(
                        MeshState.empty(new MeshId("bookinfo")),
                        PROTOCOL,
                        writer(NEXT),
                        List.of(new MeshEvent.HandoverStarted("us-1"))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCommandIdOfTheLogsOwnIsRememberedIfItHasOne() {
        MeshFixture bookinfo = mesh("bookinfo");
        Origin operator = new Origin("operator-1", MeshFixture.ALICE, "maintenance", "eu-1");
        List<MeshEvent> started = List.of(new MeshEvent.HandoverStarted("us-1"));

        MeshState named = HomeTurn.record(bookinfo.state(), operator, bookinfo.writer(), started)
                .next();
        MeshState unnamed = HomeTurn.record(bookinfo.state(), PROTOCOL, bookinfo.writer(), started)
                .next();

        assertThat(named.applied().find("operator-1").orElseThrow().position())
                .isEqualTo(named.head().position());
        assertThat(unnamed.applied()).isEqualTo(bookinfo.state().applied());
    }

    @Test
    void aBranchIsRecordedInParts() throws Exception {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        mesh.old.apply(put(virtualService("default", "a"), "{}")).apply(put(virtualService("default", "b"), "{}"));
        List<BranchEntry> entries = mesh.assess();
        for (int part = 0; part < 2; part++) {
            mesh.now.record(new MeshEvent.DivergentBranchDetected(
                    mesh.branchName(),
                    "eu-1",
                    mesh.fork,
                    mesh.tail().subList(part, part + 1),
                    entries.subList(part, part + 1)));
        }

        long last = mesh.head().seq();
        assertThat(mesh.branch())
                .isEqualTo(new DivergentBranch(
                        mesh.branchName(),
                        "eu-1",
                        mesh.fork,
                        mesh.old.state().head(),
                        List.of(last - 1, last),
                        entries));
        assertThat(SnapshotCodec.toState(MeshSnapshot.parseFrom(SnapshotCodec.bytes(mesh.now.state()))))
                .isEqualTo(mesh.now.state());
    }

    @Test
    void aPartThatComesAgainAddsNothing() {
        Diverged mesh = new Diverged(mesh("bookinfo"));
        mesh.old.apply(put(virtualService("default", "a"), "{}"));
        mesh.recorded();
        DivergentBranch once = mesh.branch();

        mesh.recorded();

        assertThat(mesh.branch().entries()).isEqualTo(once.entries());
        assertThat(mesh.branch().head()).isEqualTo(once.head());
    }

    private static Writer writer(Epoch epoch) {
        return new Writer(US, epoch, "incarnation-2", MeshFixture.START);
    }
}
