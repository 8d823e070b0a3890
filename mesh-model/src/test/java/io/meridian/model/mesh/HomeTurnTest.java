package io.meridian.model.mesh;

import static io.meridian.model.fixture.MeshFixture.mesh;
import static io.meridian.model.fixture.MeshFixture.put;
import static io.meridian.model.fixture.MeshFixture.virtualService;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.api.type.v1.MeshSpec;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.fixture.PermissiveRules;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HomeTurnTest {
    private static final MeshCommand APPLY =
            new MeshCommand.ApplyResources(List.of(put(virtualService("default", "reviews"), "{\"hosts\":[\"a\"]}")));

    @Test
    void theFirstCommandOpensTheLogWithTheGenesisSegment() throws UnreadableEventException {
        MeshFixture bookinfo = mesh("bookinfo");

        assertThat(bookinfo.log())
                .extracting(envelope -> envelope.header().getType())
                .containsExactly("SegmentOpened", "MeshCreated", "NamespaceCreated", "NamespaceCreated");
        assertThat(bookinfo.log()).extracting(EventEnvelope::seq).containsExactly(1L, 2L, 3L, 4L);
        assertThat(bookinfo.log().getFirst().prevHash()).isEqualTo(Hash.ZERO);
        assertThat(EventCodec.decode(bookinfo.log().getFirst()))
                .isInstanceOfSatisfying(
                        MeshEvent.SegmentOpened.class,
                        opened -> assertThat(opened.cause()).isEqualTo(MeshEvent.SegmentOpened.Cause.GENESIS));
        assertThat(bookinfo.state().homeRegion()).isEqualTo("eu-1");
        assertThat(bookinfo.state().head()).isEqualTo(bookinfo.log().getLast().head());
    }

    @Test
    void aRefusedFirstCommandLeavesTheLogEmpty() {
        MeshFixture fixture = MeshFixture.absent("bookinfo", new PermissiveRules());

        CommandOutcome outcome = fixture.send(APPLY);

        assertThat(outcome).isInstanceOf(CommandOutcome.Rejected.class);
        assertThat(fixture.log()).isEmpty();
    }

    @Test
    void theSameCommandIdIsAnsweredWithItsOwnPositionAndNotAppliedAgain() {
        MeshFixture bookinfo = mesh("bookinfo");
        CommandRequest request = bookinfo.request("id-1", APPLY);
        CommandOutcome first = bookinfo.send(request);
        bookinfo.withNamespace("later");
        MeshState before = bookinfo.state();

        CommandOutcome second = bookinfo.send(request);

        Position applied = ((CommandOutcome.Accepted) first).position();
        assertThat(second).isEqualTo(new CommandOutcome.Accepted(applied, List.of(), true, false, List.of()));
        assertThat(bookinfo.state()).isEqualTo(before);
    }

    @Test
    void aCommandIdUsedForAnotherCommandIsRefused() {
        MeshFixture bookinfo = mesh("bookinfo");
        bookinfo.send(bookinfo.request("id-1", APPLY));

        CommandOutcome outcome = bookinfo.send(bookinfo.request("id-1", new MeshCommand.DeleteMesh()));

        assertThat(codes(outcome)).containsExactly(RejectionCode.REQUEST_ID_REUSED);
    }

    @Test
    void anEmptyCommandIdIsRefused() {
        MeshFixture bookinfo = mesh("bookinfo");

        assertThat(codes(bookinfo.send(bookinfo.request("", APPLY)))).containsExactly(RejectionCode.INVALID_FIELD);
    }

    @Test
    void anExpectedPositionThatIsNotTheHeadIsRefused() {
        MeshFixture bookinfo = mesh("bookinfo");
        Position seen = bookinfo.state().head().position();
        bookinfo.withNamespace("meanwhile");

        CommandOutcome stale = bookinfo.send(expecting(bookinfo, seen));
        CommandOutcome current =
                bookinfo.send(expecting(bookinfo, bookinfo.state().head().position()));

        assertThat(codes(stale)).containsExactly(RejectionCode.STALE_POSITION);
        assertThat(current).isInstanceOf(CommandOutcome.Accepted.class);
    }

    @Test
    void validateOnlyAnswersWhatWouldChangeAndStoresNothing() {
        MeshFixture bookinfo = mesh("bookinfo");
        CommandRequest request = bookinfo.request(APPLY);
        CommandRequest dryRun = new CommandRequest(
                request.mesh(),
                request.commandId(),
                request.actor(),
                request.reason(),
                request.originRegion(),
                Optional.empty(),
                true,
                APPLY);
        MeshState before = bookinfo.state();

        CommandOutcome outcome = bookinfo.send(dryRun);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        CommandOutcome.Accepted.class,
                        accepted -> assertThat(accepted.changes()).hasSize(1));
        assertThat(bookinfo.state()).isEqualTo(before);
        assertThat(bookinfo.send(request))
                .isInstanceOfSatisfying(
                        CommandOutcome.Accepted.class,
                        accepted -> assertThat(accepted.replayed()).isFalse());
    }

    @Test
    void whatAlreadyIsWritesNoEvent() {
        MeshFixture bookinfo = mesh("bookinfo").accept(APPLY);
        MeshState before = bookinfo.state();

        CommandOutcome outcome = bookinfo.send(APPLY);

        assertThat(outcome)
                .isEqualTo(new CommandOutcome.Accepted(before.head().position(), List.of(), false, true, List.of()));
        assertThat(bookinfo.state()).isEqualTo(before);
    }

    @Test
    void anotherEpochThanTheSegmentsIsNotTheHome() {
        MeshFixture bookinfo = mesh("bookinfo");
        Writer later = new Writer(
                MeshFixture.HOME, MeshFixture.EPOCH.next(MeshFixture.HOME.index()), "incarnation-2", MeshFixture.START);

        Turn turn =
                new HomeTurn(new Decider(new PermissiveRules())).take(bookinfo.state(), bookinfo.request(APPLY), later);

        assertThat(turn)
                .isInstanceOfSatisfying(
                        Turn.Answered.class,
                        answered -> assertThat(answered.outcome()).isInstanceOf(CommandOutcome.Unavailable.class));
    }

    @Test
    void aCommandForAnotherMeshIsARoutingError() {
        MeshFixture bookinfo = mesh("bookinfo");
        HomeTurn home = new HomeTurn(new Decider(new PermissiveRules()));

        assertThatThrownBy(() -> home.take(
                        MeshState.empty(new MeshId("other")),
                        bookinfo.request(new MeshCommand.CreateMesh(MeshSpec.getDefaultInstance())),
                        bookinfo.writer()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static CommandRequest expecting(MeshFixture fixture, Position position) {
        CommandRequest request = fixture.request(APPLY);
        return new CommandRequest(
                request.mesh(),
                request.commandId(),
                request.actor(),
                request.reason(),
                request.originRegion(),
                Optional.of(position),
                false,
                APPLY);
    }

    private static List<RejectionCode> codes(CommandOutcome outcome) {
        return outcome instanceof CommandOutcome.Rejected(var violations)
                ? violations.stream().map(Violation::code).toList()
                : List.of();
    }
}
