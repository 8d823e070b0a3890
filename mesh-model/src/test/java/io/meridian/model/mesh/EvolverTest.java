package io.meridian.model.mesh;

import static io.meridian.model.fixture.MeshFixture.mesh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.meridian.api.events.v1.EventHeader;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.fixture.PermissiveRules;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.position.Epoch;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class EvolverTest {
    private static final Epoch NEXT_EPOCH = MeshFixture.EPOCH.next(2);

    @Test
    void anUnknownTypeStopsTheFoldAndIsNamed() {
        MeshState state = mesh("bookinfo").state();
        EventEnvelope envelope =
                next(state, header -> header.setType("CanaryStarted").setSchemaVersion(1), ByteString.EMPTY);

        assertThatThrownBy(() -> Evolver.evolve(state, envelope))
                .isInstanceOf(UnreadableEventException.class)
                .hasMessageContaining(envelope.position().toString())
                .hasMessageContaining("CanaryStarted");
    }

    @Test
    void aNewerSchemaStopsTheFold() {
        MeshState state = mesh("bookinfo").state();
        EventEnvelope envelope = next(
                state,
                header -> header.setType("MeshDeleted").setSchemaVersion(EventCodec.SCHEMA_VERSION + 1),
                ByteString.EMPTY);

        assertThatThrownBy(() -> Evolver.evolve(state, envelope)).isInstanceOf(UnreadableEventException.class);
    }

    @Test
    void aMalformedPayloadStopsTheFold() {
        MeshState state = mesh("bookinfo").state();
        EventEnvelope envelope = next(
                state,
                header -> header.setType("ClusterAdded").setSchemaVersion(1),
                ByteString.copyFromUtf8("\u0007garbage"));

        assertThatThrownBy(() -> Evolver.evolve(state, envelope)).isInstanceOf(UnreadableEventException.class);
    }

    @Test
    void anEventThatDoesNotContinueTheStateIsRefused() {
        MeshFixture bookinfo = mesh("bookinfo");
        EventEnvelope last = bookinfo.log().getLast();

        assertThatThrownBy(() -> Evolver.evolve(bookinfo.state(), last)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSegmentThatCarriesTheStateCanBeReadFromItsStart() throws UnreadableEventException {
        MeshState state = mesh("bookinfo").withCluster("k8s-1").state();
        EventEnvelope opening = opening(state, SnapshotCodec.stateHash(state));

        MeshState fromState = Evolver.evolve(state, opening);
        MeshState fromNothing = Evolver.evolve(MeshState.empty(state.id()), opening);

        assertThat(fromNothing).isEqualTo(fromState);
        assertThat(fromState.clusters()).containsKey("k8s-1");
        assertThat(fromState.homeRegion()).isEqualTo("us-1");
        assertThat(fromState.head().position().epoch()).isEqualTo(NEXT_EPOCH);
    }

    @Test
    void aSegmentWhoseStateDoesNotHaveItsHashIsRefused() {
        MeshState state = mesh("bookinfo").state();

        assertThatThrownBy(() -> Evolver.evolve(state, opening(state, Hash.ZERO)))
                .isInstanceOf(UnreadableEventException.class);
    }

    @Test
    void aSealedSegmentTakesNoWrites() throws UnreadableEventException {
        MeshFixture bookinfo = mesh("bookinfo");
        EventCodec.Encoded seal = EventCodec.encode(new MeshEvent.SegmentSealed(NEXT_EPOCH, "us-1"));
        MeshState sealed = Evolver.evolve(
                bookinfo.state(),
                next(
                        bookinfo.state(),
                        header -> header.setType(seal.type()).setSchemaVersion(seal.schemaVersion()),
                        seal.payload()));

        Turn turn = new HomeTurn(new Decider(new PermissiveRules()))
                .take(sealed, bookinfo.request(new MeshCommand.DeleteMesh()), bookinfo.writer());

        assertThat(sealed.sealed()).isTrue();
        assertThat(turn)
                .isInstanceOfSatisfying(
                        Turn.Answered.class,
                        answered -> assertThat(answered.outcome()).isInstanceOf(CommandOutcome.Unavailable.class));
    }

    private static EventEnvelope opening(MeshState state, Hash stateHash) {
        EventCodec.Encoded opened = EventCodec.encode(new MeshEvent.SegmentOpened(
                state.head().position().epoch(),
                state.head().position().seq(),
                MeshEvent.SegmentOpened.Cause.HANDOVER,
                Optional.of(state),
                stateHash,
                "us-1",
                Optional.empty()));
        return next(
                state,
                header -> header.setEpoch(NEXT_EPOCH.value())
                        .setType(opened.type())
                        .setSchemaVersion(opened.schemaVersion()),
                opened.payload());
    }

    private static EventEnvelope next(MeshState state, UnaryOperator<EventHeader.Builder> with, ByteString payload) {
        EventHeader.Builder header = EventHeader.newBuilder()
                .setMesh(state.id().value())
                .setEpoch(MeshFixture.EPOCH.value())
                .setSeq(state.head().position().seq() + 1)
                .setPrevHash(state.head().hash().bytes())
                .setEventsInCommand(1);
        return EventEnvelope.seal(with.apply(header).build(), payload);
    }
}
