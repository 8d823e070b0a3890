package io.meridian.core.admin;

import static io.meridian.core.fixture.Bookinfo.apply;
import static io.meridian.core.fixture.Bookinfo.virtualService;
import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.admin.v1.CreateMeshRequest;
import io.meridian.core.fixture.Bookinfo;
import io.meridian.core.fixture.InMemoryRegion;
import io.meridian.core.fixture.RegionServer;
import io.meridian.core.fixture.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Looked at from eu-1; the home is us-1. */
@Timeout(60)
class ReplicaProgressTest {
    private final List<RegionServer> servers = InMemoryRegion.connected("eu-1", "us-1", "ap-1").stream()
            .map(RegionServer::of)
            .toList();
    private final RegionServer eu = servers.getFirst();
    private final AtomicLong now = new AtomicLong();

    @BeforeEach
    void create() {
        var _ = eu.meshes()
                .createMesh(CreateMeshRequest.newBuilder()
                        .setMeshId("bookinfo")
                        .setHomeRegion("us-1")
                        .build());
    }

    @AfterEach
    void close() {
        servers.forEach(RegionServer::close);
    }

    private ReplicaProgress progress() {
        InMemoryRegion region = eu.region();
        return new ReplicaProgress(region.id(), region.meshes(), region.peers(), now::get);
    }

    private void pass(int seconds) {
        now.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    @Test
    void aCopyThatGrowsIsToldFromOneThatStandsStill() {
        try (ReplicaProgress progress = progress()) {
            Waiting.until("the log is watched", () -> eu.region().meshes().watchers() == 2);
            progress.look();
            assertThat(progress.since("us-1", Bookinfo.ID)).as("since when is not known").isEmpty();
            servers.get(2).region().holdReplication();
            pass(10);
            var _ = apply(eu, virtualService("a", "a"));
            progress.look();
            pass(5);
            progress.look();

            assertThat(progress.since("us-1", Bookinfo.ID)).contains(Duration.ofSeconds(5));
            assertThat(progress.since("ap-1", Bookinfo.ID)).as("stands still").isEmpty();
            Waiting.until(
                    "the own log's growth is told",
                    () -> progress.since("eu-1", Bookinfo.ID).isPresent());
        }
    }

    @Test
    void nothingIsWatchedOnceItIsClosed() {
        ReplicaProgress progress = progress();
        Waiting.until("the log is watched", () -> eu.region().meshes().watchers() == 2);

        progress.close();

        assertThat(eu.region().meshes().watchers()).isZero();
    }

    @Test
    void startedItLooksByItself() {
        InMemoryRegion region = eu.region();
        try (ReplicaProgress progress = ReplicaProgress.start(region.id(), region.meshes(), region.peers())) {
            int[] seq = {0};
            Waiting.until("growth in another region is seen", () -> {
                var _ = apply(eu, virtualService("a" + seq[0], "a"));
                seq[0]++;
                return progress.since("ap-1", Bookinfo.ID).isPresent();
            });
        }
    }
}
