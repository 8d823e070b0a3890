package io.meridian.model.log;

import static io.meridian.model.fixture.MeshFixture.mesh;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meridian.model.fixture.MeshFixture;
import io.meridian.model.position.Epoch;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class AcceptanceTest {
    private final List<EventEnvelope> log =
            mesh("bookinfo").withNamespace("a").withNamespace("b").log();
    private final Head head = log.get(3).head();

    @Test
    void theNextEventIsAppended() {
        assertThat(judge(Epoch.NONE, log.get(4))).isEqualTo(new Acceptance.Append());
    }

    @Test
    void aGapAsksForTheFirstMissingEvent() {
        assertThat(judge(Epoch.NONE, log.get(5))).isEqualTo(new Acceptance.Gap(5));
    }

    @Test
    void anEpochBelowThePromisedOneIsStale() {
        Epoch promised = MeshFixture.EPOCH.next(2);

        assertThat(judge(promised, log.get(4))).isEqualTo(new Acceptance.StaleEpoch(promised));
    }

    @Test
    void changedBytesConflict() {
        EventEnvelope next = log.get(4);
        EventEnvelope forged =
                new EventEnvelope(next.header(), next.headerBytes(), ByteString.copyFromUtf8("x"), next.hash());

        assertThat(judge(Epoch.NONE, forged)).isInstanceOf(Acceptance.Conflict.class);
    }

    @Test
    void anotherEventAtAStoredSeqConflicts() {
        EventEnvelope stored = log.get(2);
        EventEnvelope other = EventEnvelope.seal(
                stored.header().toBuilder().setReason("another").build(), stored.payload());

        assertThat(judge(Epoch.NONE, other)).isInstanceOf(Acceptance.Conflict.class);
    }

    @Test
    void anEventThatContinuesAnotherChainConflicts() {
        EventEnvelope next = log.get(4);
        EventEnvelope other = EventEnvelope.seal(
                next.header().toBuilder()
                        .setPrevHash(Hash.of(ByteString.copyFromUtf8("x")).bytes())
                        .build(),
                next.payload());

        assertThat(judge(Epoch.NONE, other)).isInstanceOf(Acceptance.Conflict.class);
    }

    @Property
    void theNextEpochIsTheSmallestLaterOneThatNamesTheRegion(
            @ForAll @LongRange(min = 0, max = 1L << 40) long value, @ForAll @IntRange(min = 0, max = 63) int region) {
        Epoch next = new Epoch(value).next(region);

        assertThat(next.regionIndex()).isEqualTo(region);
        assertThat(next.value() - value).isBetween(1L, 64L);
    }

    private Acceptance judge(Epoch promised, EventEnvelope offered) {
        return Acceptance.judge(head, promised, offered.epoch(), seq -> log.get((int) seq - 1).hash(), offered);
    }
}
