package io.meridian.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshState;
import org.junit.jupiter.api.Test;

class LogStateTest {
    private final MeshFixture mesh = MeshFixture.mesh("bookinfo").withCluster("k8s-1");

    @Test
    void foldsTheLogToTheStateOfItsHome() {
        assertThat(folded()).isEqualTo(LogState.of(mesh.state()));
    }

    @Test
    void aGapIsRefusedWithThePositionThatIsMissing() {
        assertThatThrownBy(
                        () -> LogState.empty(mesh.state().id()).next(mesh.log().get(1)))
                .isInstanceOf(LogDamagedException.class)
                .hasMessageContaining("damaged at position 1.2: event 1 is missing before it");
    }

    @Test
    void aBrokenLinkIsRefused() {
        EventEnvelope other = EventEnvelope.seal(
                mesh.log().get(1).header().toBuilder()
                        .setPrevHash(mesh.log().getLast().hash().bytes())
                        .build(),
                mesh.log().get(1).payload());

        assertThatThrownBy(() -> LogState.empty(mesh.state().id())
                        .next(mesh.log().getFirst())
                        .next(other))
                .isInstanceOf(LogDamagedException.class)
                .hasMessageContaining("position 1.2");
    }

    @Test
    void anEventOfAnotherMeshIsRefused() {
        assertThatThrownBy(
                        () -> LogState.empty(MeshFixture.mesh("other").state().id())
                                .next(mesh.log().getFirst()))
                .isInstanceOf(LogDamagedException.class);
    }

    @Test
    void anEventOfALaterVersionIsKeptAndEndsTheFold() {
        LogState known = folded();
        EventEnvelope unknown = EventEnvelope.seal(
                mesh.log().getLast().header().toBuilder()
                        .setSeq(known.head().position().seq() + 1)
                        .setPrevHash(known.head().hash().bytes())
                        .setType("SomethingOfTomorrow")
                        .build(),
                ByteString.copyFromUtf8("?"));

        LogState after = known.next(unknown);

        assertThat(after.head()).isEqualTo(unknown.head());
        assertThat(after.isReadable()).isFalse();
        assertThat(after.state()).isEqualTo(known.state());
    }

    private LogState folded() {
        LogState state = new LogState(
                Head.empty(mesh.state().id()), MeshState.empty(mesh.state().id()));
        for (EventEnvelope event : mesh.log()) {
            state = state.next(event);
        }
        return state;
    }
}
