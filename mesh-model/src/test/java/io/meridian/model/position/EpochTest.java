package io.meridian.model.position;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class EpochTest {
    @Property
    void theNextEpochIsTheSmallestThatNamesTheRegion(
            @ForAll @LongRange(max = 1_000_000) long value,
            @ForAll @IntRange(max = RegionId.MAX_REGIONS - 1) int index) {
        Epoch next = new Epoch(value).next(index);

        assertThat(next.value()).isBetween(value + 1, value + RegionId.MAX_REGIONS);
        assertThat(next.regionIndex()).isEqualTo(index);
    }

    @Property
    void anEpochThatTheClockNamesIsLaterThanItAndThanTheOneBefore(
            @ForAll @LongRange(max = 1L << 50) long value,
            @ForAll @IntRange(max = RegionId.MAX_REGIONS - 1) int index,
            @ForAll @LongRange(min = -1_000_000, max = 1L << 44) long millis) {
        Epoch next = new Epoch(value).next(index, Instant.ofEpochMilli(millis));

        assertThat(next).isGreaterThan(new Epoch(value));
        assertThat(next.value() / RegionId.MAX_REGIONS).isGreaterThanOrEqualTo(millis);
        assertThat(next.regionIndex()).isEqualTo(index);
    }

    @Test
    void twoMillisecondsNameTwoEpochsOfARegion() {
        Instant then = Instant.parse("2026-11-30T08:00:00Z");

        assertThat(Epoch.NONE.next(1, then)).isEqualTo(new Epoch(then.toEpochMilli() * 64 + 1));
        assertThat(Epoch.NONE.next(1, then.plusMillis(1))).isEqualTo(new Epoch(then.toEpochMilli() * 64 + 65));
    }
}
