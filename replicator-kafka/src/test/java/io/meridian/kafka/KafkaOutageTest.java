package io.meridian.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.kafka.fixture.Broker;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.TopicStatus;
import io.meridian.replicator.core.Chain;
import io.meridian.replicator.core.Route;
import io.meridian.replicator.fixture.Await;
import io.meridian.replicator.fixture.MemoryRegion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Brokers that die, hang, are not there, or hold a topic that will not do. */
@Timeout(180)
class KafkaOutageTest {
    private static final MeshId BOOKINFO = new MeshId("bookinfo");
    private static final Epoch EPOCH = Epoch.NONE.next(1);
    private static final RegionId EU = new RegionId("eu-1", 1);

    private final Chain chain = new Chain(BOOKINFO);

    @Test
    void eventsGoOverTheStreamsWhileABrokerIsDeadOrHangsAndByTheTopicAfterwards(@TempDir Path folder) throws Exception {
        try (Broker broker = Broker.start(folder);
                MemoryRegion eu = region("eu-1", 1, broker.address());
                MemoryRegion us = region("us-1", 2, broker.address())) {
            eu.start(us);
            us.start(eu);
            awaitByTopic(eu, us);

            broker.kill9();
            write(eu, 10);
            awaitEqual(us);
            awaitDown(eu, us);
            write(eu, 10);
            awaitEqual(us);
            assertThat(us.replication(BOOKINFO).orElseThrow().route()).isInstanceOf(Route.ByStream.class);
            us.stop();
            write(eu, 10);
            us.start(eu);
            awaitEqual(us);

            broker.start();
            awaitByTopic(eu, us);

            broker.freeze();
            write(eu, 10);
            awaitEqual(us);
            awaitDown(eu, us);
            broker.thaw();
            awaitByTopic(eu, us);
        }
    }

    @Test
    void withoutAnyBrokerARegionStartsAndReplicatesAndTheTopicIsUsedOnceThereIsOne(@TempDir Path folder)
            throws Exception {
        Broker broker = Broker.start(folder);
        broker.kill9();
        try (broker;
                MemoryRegion eu = region("eu-1", 1, broker.address());
                MemoryRegion us = region("us-1", 2, broker.address())) {
            eu.start(us);
            us.start(eu);
            write(eu, 10);
            awaitEqual(us);
            assertThat(us.topics())
                    .allMatch(status -> !status.up() && status.detail().contains("no answer"));

            broker.start();
            awaitByTopic(eu, us);
        }
    }

    @Test
    void aTopicThatWillNotDoIsRefusedAtTheStart() throws Exception {
        String prefix = KafkaRegions.newPrefix();
        String brokers = KafkaRegions.broker().address();
        try (TopicTool topic = new TopicTool(brokers, prefix + ".eu-1.events")) {
            topic.create(Map.of("cleanup.policy", "compact"));
        }
        assertThatThrownBy(() -> KafkaTransport.create(EU, List.of(), KafkaRegions.settings(brokers, prefix)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("topic " + prefix + ".eu-1.events has cleanup.policy=compact");

        assertThatThrownBy(() -> KafkaTransport.create(
                        EU,
                        List.of(),
                        new KafkaSettings(
                                brokers, KafkaRegions.newPrefix(), Optional.empty(), Map.of(), Duration.ofSeconds(2))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("topic.create is off");

        assertThatThrownBy(() -> KafkaTransport.create(
                        EU,
                        List.of(),
                        new KafkaSettings(
                                brokers,
                                KafkaRegions.newPrefix(),
                                Optional.of(new KafkaSettings.Creation(1, 3, 2, Duration.ofHours(1))),
                                Map.of(),
                                Duration.ofSeconds(2))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("replication factor");
    }

    @Test
    void aTopicOfAnotherRegionThatWillNotDoIsNotReadAndNothingElseSuffers() throws Exception {
        String prefix = KafkaRegions.newPrefix();
        try (TopicTool topic = new TopicTool(KafkaRegions.broker().address(), prefix + ".eu-1.events");
                MemoryRegion eu = new MemoryRegion("eu-1", 1);
                MemoryRegion us = new MemoryRegion("us-1", 2, KafkaRegions.transports(prefix))) {
            topic.create(Map.of("cleanup.policy", "compact"));
            eu.start(us);
            us.start(eu);
            write(eu, 10);
            awaitEqual(us);
            assertThat(us.topics())
                    .filteredOn(status -> !status.own())
                    .singleElement()
                    .satisfies(status -> assertThat(status.detail()).contains("cleanup.policy=compact"));
        }
    }

    @Test
    void settingsThatCannotBeAreRefusedByTheNameOfTheirKey() {
        assertThatThrownBy(() -> settings("", "m", Map.of())).hasMessageStartingWith("bootstrap-servers");
        assertThatThrownBy(() -> settings("h:1", "a b", Map.of())).hasMessageStartingWith("topic-prefix");
        assertThatThrownBy(() -> settings("h:1", "m", Map.of("acks", "1"))).hasMessageStartingWith("client.acks");
        assertThatThrownBy(() -> new KafkaSettings.Creation(0, 1, 1, Duration.ofHours(1)))
                .hasMessageStartingWith("topic.partitions");
        assertThatThrownBy(() -> new KafkaSettings.Creation(1, 1, 2, Duration.ofHours(1)))
                .hasMessageStartingWith("topic.min-insync-replicas");
        assertThatThrownBy(() -> KafkaTransport.create(EU, List.of(), settings("nowhere", "m", Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nowhere");
    }

    private static KafkaSettings settings(String brokers, String prefix, Map<String, String> client) {
        return new KafkaSettings(brokers, prefix, Optional.empty(), client, Duration.ofSeconds(2));
    }

    private static MemoryRegion region(String name, int index, String brokers) {
        return new MemoryRegion(
                name,
                index,
                (self, peers) -> KafkaTransport.create(self, peers, KafkaRegions.settings(brokers, "outage")));
    }

    private void write(MemoryRegion home, int count) {
        long before = chain.size();
        chain.add(EPOCH, count);
        home.logs().write(BOOKINFO, chain.read(before, count));
    }

    private void awaitByTopic(MemoryRegion home, MemoryRegion replica) {
        Await.until(
                "events come by the topic",
                () -> {
                    write(home, 1);
                    awaitEqual(replica);
                    return replica.replication(BOOKINFO).orElseThrow().route() instanceof Route.ByTopic
                            && home.topics().stream().allMatch(TopicStatus::up);
                },
                () -> replica.replication(BOOKINFO) + " " + replica.topics() + " " + home.topics());
    }

    private static void awaitDown(MemoryRegion... regions) {
        for (MemoryRegion region : regions) {
            Await.until(
                    region.id() + " shows it",
                    () -> region.topics().stream().noneMatch(TopicStatus::up),
                    region::topics);
        }
    }

    private void awaitEqual(MemoryRegion replica) {
        Await.until(
                replica.id() + " holds all",
                () -> replica.logs().head(BOOKINFO).equals(chain.head()),
                () -> replica.logs().head(BOOKINFO) + " of " + chain.head() + ", " + replica.replication(BOOKINFO));
    }
}
