package io.meridian.kafka;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.MeshId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** What somebody else does to a topic. */
final class TopicTool implements AutoCloseable {
    private final String topic;
    private final Admin admin;
    private final KafkaProducer<String, byte[]> producer;

    TopicTool(String brokers, String topic) {
        this.topic = topic;
        admin = Admin.create(Map.of("bootstrap.servers", brokers));
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers), new StringSerializer(), new ByteArraySerializer());
    }

    void create(Map<String, String> config) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(config)))
                .all()
                .get(20, TimeUnit.SECONDS);
    }

    void put(@Nullable String key, byte @Nullable [] value) throws Exception {
        producer.send(new ProducerRecord<>(topic, key, value)).get(20, TimeUnit.SECONDS);
    }

    void put(MeshId mesh, EventEnvelope event) throws Exception {
        put(mesh.value(), event.toProto().toByteArray());
    }

    /** The sum over all partitions. */
    long records() throws Exception {
        return sum(offsets(OffsetSpec.latest())) - sum(offsets(OffsetSpec.earliest()));
    }

    private static long sum(Map<TopicPartition, Long> offsets) {
        return offsets.values().stream().mapToLong(Long::longValue).sum();
    }

    private Map<TopicPartition, Long> offsets(OffsetSpec spec) throws Exception {
        int partitions =
                admin.describeTopics(List.of(topic)).allTopicNames().get(20, TimeUnit.SECONDS).values().stream()
                        .mapToInt(description -> description.partitions().size())
                        .sum();
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            asked.put(new TopicPartition(topic, partition), spec);
        }
        ToLongFunction<ListOffsetsResultInfo> offset = ListOffsetsResultInfo::offset;
        return admin.listOffsets(asked).all().get(20, TimeUnit.SECONDS).entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> offset.applyAsLong(entry.getValue())));
    }

    /** What the group will go on from. */
    long committed(String group) throws Exception {
        return admin
                .listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get(20, TimeUnit.SECONDS)
                .entrySet()
                .stream()
                .filter(entry -> entry.getKey().topic().equals(topic) && entry.getValue() != null)
                .mapToLong(entry -> entry.getValue().offset())
                .sum();
    }

    void commit(String group, OffsetSpec spec) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> offsets = offsets(spec).entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> new OffsetAndMetadata(entry.getValue())));
        admin.alterConsumerGroupOffsets(group, offsets).all().get(20, TimeUnit.SECONDS);
    }

    void forget(String group) throws Exception {
        admin.deleteConsumerGroups(List.of(group)).all().get(20, TimeUnit.SECONDS);
    }

    /** As retention does. */
    void deleteAllRecords() throws Exception {
        Map<TopicPartition, RecordsToDelete> all = offsets(OffsetSpec.latest()).entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> RecordsToDelete.beforeOffset(entry.getValue())));
        admin.deleteRecords(all).all().get(20, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        producer.close();
        admin.close();
    }
}
