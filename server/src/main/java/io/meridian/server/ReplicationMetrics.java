package io.meridian.server;

import io.meridian.replicator.MeshReplication;
import io.meridian.replicator.Replicator;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Shows how each mesh's replication stands, looked at every few seconds. */
final class ReplicationMetrics implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(2);

    private final Replicator replicator;
    private final MultiGauge lag;
    private final MultiGauge stopped;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("replication-metrics").factory());

    ReplicationMetrics(Replicator replicator, MeterRegistry registry) {
        this.replicator = replicator;
        lag = MultiGauge.builder("meridian.replication.lag.events")
                .description("events that this region is behind the highest head that any region told")
                .register(registry);
        stopped = MultiGauge.builder("meridian.replication.stopped")
                .description("1 where a contradiction was found and an operator has to look")
                .register(registry);
        var _ = timer.scheduleWithFixedDelay(this::look, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look() {
        List<MeshReplication> meshes = replicator.meshes();
        lag.register(
                meshes.stream()
                        .map(mesh -> Row.of(tags(mesh), mesh.lagEvents()))
                        .toList(),
                true);
        stopped.register(
                meshes.stream()
                        .map(mesh -> Row.of(tags(mesh), mesh.state() == MeshReplication.State.STOPPED ? 1 : 0))
                        .toList(),
                true);
    }

    private static Tags tags(MeshReplication mesh) {
        return Tags.of("mesh", mesh.mesh().value());
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
