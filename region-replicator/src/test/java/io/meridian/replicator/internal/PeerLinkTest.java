package io.meridian.replicator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.ReplicatorSettings.PeerSettings;
import io.meridian.replicator.fixture.Await;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerLinkTest {
    private final ManagedChannel channel =
            ManagedChannelBuilder.forTarget("localhost:1").usePlaintext().build();

    @AfterEach
    void shutDown() {
        channel.shutdownNow();
    }

    private PeerLink link(Duration silence) {
        return new PeerLink(
                new PeerSettings(new RegionId("eu-1", 1), "localhost:1", "", "", false), channel, silence, () -> {
                    throw new AssertionError("no head is asked for");
                });
    }

    @Test
    void whoWasNeverHeardIsNotReachable() {
        assertThat(link(Duration.ofHours(1)).reachable()).isFalse();
    }

    @Test
    void whoSaysNothingForTooLongIsNotReachable() {
        PeerLink link = link(Duration.ofMillis(20));
        assertThat(link.spoke()).isTrue();

        Await.until("the silence is noticed", () -> !link.reachable());
    }

    @Test
    void whoseConnectionIsRefusedIsNotReachableThoughHeSpokeJustNow() {
        PeerLink link = link(Duration.ofHours(1));
        link.spoke();
        assertThat(link.reachable()).isTrue();

        link.unanswered();
        assertThat(link.reachable()).isFalse();

        assertThat(link.spoke()).as("he is back").isTrue();
        assertThat(link.reachable()).isTrue();
    }
}
