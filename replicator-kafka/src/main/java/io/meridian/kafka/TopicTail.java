package io.meridian.kafka;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** What the end of a topic shows of each mesh. */
final class TopicTail {
    /** Of each partition. A mesh whose last event lies further back is one that wrote little since. */
    private static final int RECORDS = 2000;

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(500);

    private TopicTail() {}

    /**
     * The highest position of each mesh among the last records. Blocks.
     *
     * @throws org.apache.kafka.common.KafkaException if it cannot be read in time
     */
    static Map<MeshId, Position> read(KafkaConsumer<String, byte[]> consumer, String topic) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
        partitions.forEach(partition ->
                consumer.seek(partition, Math.max(begins.getOrDefault(partition, 0L), end(ends, partition) - RECORDS)));
        Map<MeshId, Position> last = new HashMap<>();
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (partitions.stream().anyMatch(partition -> consumer.position(partition) < end(ends, partition))) {
            if (System.nanoTime() - deadline > 0) {
                throw new TimeoutException(
                        "the end of topic " + topic + " was not read within " + TIMEOUT.toSeconds() + " s");
            }
            consumer.poll(POLL).forEach(record -> note(record, last));
        }
        return last;
    }

    private static long end(Map<TopicPartition, Long> ends, TopicPartition partition) {
        return ends.getOrDefault(partition, 0L);
    }

    private static void note(ConsumerRecord<String, byte[]> record, Map<MeshId, Position> last) {
        try {
            if (record.value() != null) {
                Position position = EventEnvelope.parse(record.value()).position();
                last.merge(position.mesh(), position, (a, b) -> a.compareTo(b) >= 0 ? a : b);
            }
        } catch (InvalidProtocolBufferException e) {
            // Whoever reads the topic says so; here it only tells nothing.
        }
    }
}
