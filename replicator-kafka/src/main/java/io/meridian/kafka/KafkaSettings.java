package io.meridian.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Where the brokers are, and what this region's topic is like.
 *
 * @param bootstrapServers HOST:PORT, several separated by commas
 * @param topicPrefix the topic of region eu-1 is PREFIX.eu-1.events; the consumer group of its replicas in us-1 is PREFIX.us-1
 * @param creation how the own topic is created if it is missing; empty: it has to be there
 * @param client properties of Kafka's clients, security above all; none of {@link #OWN}
 * @param downAfter after so long without an answer from the brokers, events come by the streams
 */
public record KafkaSettings(
        String bootstrapServers,
        String topicPrefix,
        Optional<Creation> creation,
        Map<String, String> client,
        Duration downAfter) {
    /** What the transport's promises rest on: not to be set. */
    public static final Set<String> OWN = Set.of(
            "acks",
            "allow.auto.create.topics",
            "auto.offset.reset",
            "bootstrap.servers",
            "enable.auto.commit",
            "enable.idempotence",
            "group.id",
            "group.instance.id",
            "group.protocol",
            "key.deserializer",
            "key.serializer",
            "max.in.flight.requests.per.connection",
            "retries",
            "transactional.id",
            "value.deserializer",
            "value.serializer");

    private static final Pattern PREFIX = Pattern.compile("[a-zA-Z0-9_-]([a-zA-Z0-9._-]{0,100}[a-zA-Z0-9_-])?");

    /**
     * Of a topic that is not there yet.
     *
     * @param partitions meshes are spread over them by their names
     * @param replicationFactor how many brokers hold each event
     * @param minInsyncReplicas how many have to before it counts as written
     * @param retention how long it is kept at least; a replica that was away for longer catches up over the streams
     */
    public record Creation(int partitions, int replicationFactor, int minInsyncReplicas, Duration retention) {
        /** Throws IllegalArgumentException with the name of the key that cannot be. */
        public Creation {
            check(partitions >= 1, "topic.partitions", "must be at least 1");
            check(
                    replicationFactor >= 1 && replicationFactor <= Short.MAX_VALUE,
                    "topic.replication-factor",
                    "must be at least 1");
            check(
                    minInsyncReplicas >= 1 && minInsyncReplicas <= replicationFactor,
                    "topic.min-insync-replicas",
                    "must be between 1 and topic.replication-factor");
            check(retention.toMillis() >= 1000, "topic.retention", "must be at least 1s");
        }
    }

    /** Throws IllegalArgumentException with the name of the key that cannot be. */
    public KafkaSettings {
        client = Map.copyOf(client);
        check(!bootstrapServers.isBlank(), "bootstrap-servers", "must name at least one broker, as HOST:PORT");
        check(PREFIX.matcher(topicPrefix).matches(), "topic-prefix", "must be letters, digits, '.', '_' and '-'");
        check(downAfter.toMillis() >= 1000, "down-after", "must be at least 1s");
        Set<String> taken = new TreeSet<>(client.keySet());
        taken.retainAll(OWN);
        if (!taken.isEmpty()) {
            String first = taken.iterator().next();
            throw new IllegalArgumentException(
                    "client." + first + ": cannot be set: what replication promises rests on it");
        }
    }

    private static void check(boolean holds, String key, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(key + ": " + otherwise);
        }
    }

    /** Of what {@code region} writes as home. */
    String topic(String region) {
        return topicPrefix + "." + region + ".events";
    }

    String group(String region) {
        return topicPrefix + "." + region;
    }
}
