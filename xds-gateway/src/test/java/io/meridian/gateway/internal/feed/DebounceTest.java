package io.meridian.gateway.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DebounceTest {
    private final Debounce debounce = new Debounce(FeedTiming.DEFAULT);

    private static long ms(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void theFirstChangeAfterAQuietTimeGoesAtOnce() {
        assertThat(debounce.changed(true, ms(5))).isEqualTo(ms(5));
        assertThat(debounce.flushed(ms(5))).isEqualTo(ms(5));

        assertThat(debounce.changed(true, ms(100))).isEqualTo(ms(100));
    }

    @Test
    void whatFollowsWaitsForTheWindowsEndAndGoesTogether() {
        debounce.changed(true, ms(0));
        debounce.flushed(ms(0));

        assertThat(debounce.changed(true, ms(3))).isEqualTo(ms(10));
        assertThat(debounce.changed(true, ms(7))).isEqualTo(ms(10));
        assertThat(debounce.flushed(ms(10))).as("the oldest of them").isEqualTo(ms(3));
    }

    @Test
    void endpointsWaitLessAndTakeWhatIsPendingAlong() {
        debounce.changed(false, ms(0));
        debounce.flushed(ms(0));

        assertThat(debounce.changed(true, ms(1))).isEqualTo(ms(10));
        assertThat(debounce.changed(false, ms(1))).isEqualTo(ms(2));
    }

    @Test
    void busyStreamsAreWaitedForAFewWindowsOnly() {
        debounce.changed(true, ms(0));
        long now = ms(0);
        int deferrals = 0;
        for (long next = debounce.defer(now); next > now; next = debounce.defer(now)) {
            now = next;
            deferrals++;
        }

        assertThat(deferrals).isEqualTo(5);
    }

    @Test
    void manyPendingChangesGoWithoutWaiting() {
        debounce.changed(true, ms(0));
        debounce.flushed(ms(0));
        for (int i = 0; i < 255; i++) {
            assertThat(debounce.changed(true, ms(1))).isEqualTo(ms(10));
        }

        assertThat(debounce.changed(true, ms(2))).isEqualTo(ms(2));
    }
}
