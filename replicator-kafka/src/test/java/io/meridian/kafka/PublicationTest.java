package io.meridian.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.kafka.Publication.Want;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.replicator.core.Chain;
import org.junit.jupiter.api.Test;

class PublicationTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final Epoch FIRST = Epoch.NONE.next(1);
    private static final Want NOTHING = new Want.Nothing();
    private static final Want START = new Want.Start();

    private final Chain log = new Chain(MESH).add(FIRST, 200);

    @Test
    void onlyTheHomesOwnTurnsArePublished() {
        assertThat(Publication.of(1, log.head()).wants(0)).isEqualTo(START);
        assertThat(Publication.of(2, log.head()).wants(0)).isEqualTo(NOTHING);
        assertThat(Publication.of(1, Head.empty(MESH)).wants(0)).isEqualTo(NOTHING);
    }

    @Test
    void itGoesOnBehindWhatTheTopicShows() {
        Publication begun = Publication.of(1, log.head()).begins(FIRST, 0, 150);
        assertThat(begun.wants(0)).isEqualTo(new Want.Read(150));
        assertThat(begun.backlog()).isEqualTo(50);
        assertThat(Publication.of(1, log.head()).begins(FIRST, 0, 900).wants(0))
                .as("a topic that is ahead")
                .isEqualTo(NOTHING);
    }

    @Test
    void ofATurnThatTheTopicDoesNotShowTheLastEventsAreRepeatedAndALaterTurnIsPublishedWhole() {
        Publication begun = Publication.of(1, log.head()).begins(FIRST, 0, 0);
        assertThat(begun.wants(0)).isEqualTo(new Want.Read(200 - Publication.AGAIN_EVENTS));
        assertThat(Publication.of(1, log.head()).begins(FIRST, 190, 0).wants(0)).isEqualTo(new Want.Read(190));

        Epoch later = FIRST.next(1);
        log.open(later);
        log.add(later, 100);
        Publication inLater = begun.headIs(log.head());
        assertThat(inLater.wants(0)).isEqualTo(START);
        assertThat(inLater.begins(later, 200, 0).wants(0)).isEqualTo(new Want.Read(200));
    }

    @Test
    void oneReadAtATimeAndNoMoreOnTheWayThanTheBound() {
        Publication begun = Publication.of(1, log.head()).begins(FIRST, 0, 100);
        assertThat(begun.asked().wants(0)).isEqualTo(NOTHING);
        Publication sent = begun.asked().sent(150, Publication.MOST_SENT_BYTES);
        assertThat(sent.wants(0)).isEqualTo(NOTHING);
        assertThat(sent.delivered(sent.attempt(), 101, 10).wants(0)).isEqualTo(new Want.Read(150));
    }

    @Test
    void aFailurePausesItAndEverythingBehindWhatWasDeliveredIsPublishedAgain() {
        Publication sent =
                Publication.of(1, log.head()).begins(FIRST, 0, 100).asked().sent(150, 500);
        Publication failed = sent.delivered(sent.attempt(), 120, 10).failed(sent.attempt(), 1000);
        assertThat(failed.wants(1000 + Publication.PAUSE_MILLIS - 1)).isEqualTo(NOTHING);
        assertThat(failed.wants(1000 + Publication.PAUSE_MILLIS)).isEqualTo(new Want.Read(120));
        assertThat(failed.failed(sent.attempt(), 9000))
                .as("word of an earlier attempt")
                .isEqualTo(failed);
        assertThat(failed.delivered(sent.attempt(), 150, 10)).isEqualTo(failed);
    }
}
