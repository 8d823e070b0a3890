package io.meridian.kafka;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Makes Kafka's clients. Their time-outs are short: whoever waits for a broker here has another way for events. */
final class Clients {
    /** As much as one message between regions. */
    static final int MOST_RECORD_BYTES = 16 * 1024 * 1024;

    private static final int CALL_MILLIS = 5000;
    private static final int DELIVERY_MILLIS = 10_000;
    private static final int MOST_BLOCKED_MILLIS = 2000;
    private static final int MOST_POLLED = 500;

    private final KafkaSettings settings;
    private final String self;

    Clients(KafkaSettings settings, String self) {
        this.settings = settings;
        this.self = self;
    }

    Admin admin() {
        Map<String, Object> config = common("admin");
        // Looks tell who is down, so they take no longer than that.
        int look = (int) Math.min(CALL_MILLIS, settings.downAfter().toMillis());
        config.put("default.api.timeout.ms", look);
        config.put("request.timeout.ms", look);
        return Admin.create(config);
    }

    /** acks=all and idempotent: a record that it says to have delivered is on every broker in sync, once, in order. */
    Producer<String, byte[]> producer() {
        Map<String, Object> config = common("producer");
        config.putIfAbsent("delivery.timeout.ms", DELIVERY_MILLIS);
        config.putIfAbsent("max.block.ms", MOST_BLOCKED_MILLIS);
        config.putIfAbsent("max.request.size", MOST_RECORD_BYTES);
        config.putIfAbsent("linger.ms", 0);
        config.put("acks", "all");
        config.put("enable.idempotence", true);
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    /** It commits offsets under this region's group without ever being a member: which partitions it reads is decided here. */
    KafkaConsumer<String, byte[]> consumer(String purpose) {
        Map<String, Object> config = common(purpose);
        config.putIfAbsent("default.api.timeout.ms", CALL_MILLIS);
        config.putIfAbsent("max.poll.records", MOST_POLLED);
        config.put("group.id", settings.group(self));
        config.put("enable.auto.commit", false);
        config.put("auto.offset.reset", "none");
        config.put("allow.auto.create.topics", false);
        return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    }

    private Map<String, Object> common(String purpose) {
        Map<String, Object> config = new HashMap<>(settings.client());
        config.put("bootstrap.servers", settings.bootstrapServers());
        config.putIfAbsent("client.id", "meridian-" + self + "-" + purpose);
        config.putIfAbsent("request.timeout.ms", CALL_MILLIS);
        config.putIfAbsent("reconnect.backoff.max.ms", 1000);
        config.putIfAbsent("enable.metrics.push", false);
        return config;
    }
}
