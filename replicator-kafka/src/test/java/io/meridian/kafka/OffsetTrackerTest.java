package io.meridian.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OffsetTrackerTest {
    @Test
    void anOffsetIsCommittedOnceEverythingBeforeItIsDone() {
        OffsetTracker offsets = new OffsetTracker(10);
        assertThat(offsets.take()).isEmpty();
        offsets.read(10);
        offsets.read(11);
        offsets.read(13);
        assertThat(offsets.take()).isEmpty();
        offsets.done(11);
        assertThat(offsets.take()).as("10 is waited for").isEmpty();
        offsets.done(10);
        assertThat(offsets.take()).hasValue(13);
        assertThat(offsets.take()).as("once").isEmpty();
        offsets.done(13);
        assertThat(offsets.take()).hasValue(14);
        assertThat(offsets.next()).isEqualTo(14);
    }
}
