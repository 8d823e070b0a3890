package io.meridian.server;

import io.meridian.replicator.MeshReplication;
import io.meridian.replicator.Replicator;
import io.meridian.replicator.TopicStatus;
import io.meridian.replicator.core.Route;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Shows how each mesh's replication stands, looked at every few seconds. */
final class ReplicationMetrics implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(2);

    private final Replicator replicator;
    private final MultiGauge lag;
    private final MultiGauge stopped;
    private final MultiGauge byTopic;
    private final MultiGauge topicUp;
    private final MultiGauge topicRecords;
    private final MultiGauge topicRefused;
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
        byTopic = MultiGauge.builder("meridian.replication.by.topic")
                .description("1 where a mesh's events come by its home's topic, 0 where they come over gRPC")
                .register(registry);
        topicUp = MultiGauge.builder("meridian.replication.topic.up")
                .description("1 where a region's topic can be relied on: the own one to publish, others' to read")
                .register(registry);
        topicRecords = MultiGauge.builder("meridian.replication.topic.records")
                .description("records published to the own topic, or read from another region's, since the start")
                .register(registry);
        topicRefused = MultiGauge.builder("meridian.replication.topic.refused")
                .description("records that were no events, or not those that they claimed to be, since the start")
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
        lookAtTopics(meshes);
    }

    private void lookAtTopics(List<MeshReplication> meshes) {
        List<TopicStatus> topics = replicator.topics();
        if (topics.isEmpty()) {
            return;
        }
        byTopic.register(
                meshes.stream()
                        .filter(mesh -> mesh.state() == MeshReplication.State.FOLLOWING)
                        .map(mesh -> Row.of(tags(mesh), mesh.route() instanceof Route.ByTopic ? 1 : 0))
                        .toList(),
                true);
        topicUp.register(rows(topics, topic -> topic.up() ? 1 : 0), true);
        topicRecords.register(rows(topics, TopicStatus::records), true);
        topicRefused.register(rows(topics, TopicStatus::refused), true);
    }

    private static List<Row<?>> rows(List<TopicStatus> topics, Function<TopicStatus, Number> value) {
        return topics.stream()
                .<Row<?>>map(topic -> Row.of(Tags.of("region", topic.region().name()), value.apply(topic)))
                .toList();
    }

    private static Tags tags(MeshReplication mesh) {
        return Tags.of("mesh", mesh.mesh().value());
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
