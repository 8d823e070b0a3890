package io.meridian.server;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import io.meridian.kafka.KafkaSettings;
import io.meridian.kafka.KafkaSettings.Creation;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** {@code meridian.replication}, read. */
final class KafkaConfig {
    /** Under {@code meridian}: what is passed on to Kafka's clients as it is. */
    static final String CLIENT_KEYS = "replication.kafka.client.";

    private static final String KEY = "meridian.replication.kafka.";

    private KafkaConfig() {}

    /** Empty unless the transport is Kafka. Throws {@link ConfigurationException}. */
    static Optional<KafkaSettings> read(Config replication) {
        String transport = replication.getString("transport");
        return switch (transport) {
            case "grpc" -> Optional.empty();
            case "kafka" -> Optional.of(settings(replication.getConfig("kafka")));
            default ->
                throw new ConfigurationException(
                        "meridian.replication.transport: \"" + transport + "\" is neither \"grpc\" nor \"kafka\"");
        };
    }

    private static KafkaSettings settings(Config kafka) {
        try {
            Config topic = kafka.getConfig("topic");
            Creation creation = new Creation(
                    topic.getInt("partitions"),
                    topic.getInt("replication-factor"),
                    topic.getInt("min-insync-replicas"),
                    topic.getDuration("retention"));
            return new KafkaSettings(
                    kafka.getString("bootstrap-servers"),
                    kafka.getString("topic-prefix"),
                    topic.getBoolean("create") ? Optional.of(creation) : Optional.empty(),
                    client(kafka.getConfig("client")),
                    kafka.getDuration("down-after"));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(KEY + e.getMessage());
        }
    }

    /** Kafka's names have dots in them, which here separate levels. */
    private static Map<String, String> client(Config client) {
        Map<String, String> properties = new HashMap<>();
        client.entrySet()
                .forEach(entry -> properties.put(
                        String.join(".", ConfigUtil.splitPath(entry.getKey())),
                        entry.getValue().unwrapped().toString()));
        return properties;
    }
}
