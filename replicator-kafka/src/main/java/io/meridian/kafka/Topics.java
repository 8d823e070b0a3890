package io.meridian.kafka;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at topics, and creates the own one. Blocks, for as long as the admin client's time-outs allow. */
final class Topics {
    private static final Logger log = LoggerFactory.getLogger(Topics.class);
    private static final String CLEANUP = "cleanup.policy";

    private final Admin admin;

    Topics(Admin admin) {
        this.admin = admin;
    }

    /** What there is of {@code topics}, by name. Never throws because of what the brokers say. */
    Map<String, TopicVerdict> look(Collection<String> topics) throws InterruptedException {
        Map<String, TopicVerdict> verdicts = new HashMap<>();
        Map<String, TopicDescription> there = new HashMap<>();
        for (var description : admin.describeTopics(topics).topicNameValues().entrySet()) {
            String topic = description.getKey();
            try {
                there.put(topic, description.getValue().get());
            } catch (ExecutionException e) {
                verdicts.put(
                        topic,
                        e.getCause() instanceof UnknownTopicOrPartitionException
                                ? new TopicVerdict.Missing(topic)
                                : failed(e));
            }
        }
        Map<ConfigResource, KafkaFuture<Config>> configs = admin.describeConfigs(
                        there.keySet().stream().map(Topics::resource).toList())
                .values();
        for (var description : there.entrySet()) {
            String topic = description.getKey();
            try {
                KafkaFuture<Config> config = configs.get(resource(topic));
                verdicts.put(
                        topic,
                        config == null
                                ? new TopicVerdict.Unreachable("no answer for " + topic)
                                : judge(description.getValue(), config.get()));
            } catch (ExecutionException e) {
                verdicts.put(topic, failed(e));
            }
        }
        return verdicts;
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    private static TopicVerdict judge(TopicDescription topic, Config config) {
        String cleanup = config.get(CLEANUP).value();
        if (!cleanup.equals("delete")) {
            return new TopicVerdict.Unusable("topic " + topic.name() + " has " + CLEANUP + "=" + cleanup
                    + ": compaction would leave only the last event of each mesh; it must be \"delete\"");
        }
        List<Integer> headless = topic.partitions().stream()
                .filter(partition ->
                        partition.leader() == null || partition.leader().isEmpty())
                .map(partition -> partition.partition())
                .toList();
        return headless.isEmpty()
                ? new TopicVerdict.Usable(topic.partitions().size())
                : new TopicVerdict.Unreachable(
                        "partitions " + headless + " of topic " + topic.name() + " have no leader");
    }

    /** Creates {@code topic}; whether it is there afterwards is for the next look. */
    TopicVerdict create(String topic, KafkaSettings.Creation creation) throws InterruptedException {
        NewTopic wanted = new NewTopic(topic, creation.partitions(), (short) creation.replicationFactor())
                .configs(Map.of(
                        CLEANUP,
                        "delete",
                        "min.insync.replicas",
                        Integer.toString(creation.minInsyncReplicas()),
                        "retention.ms",
                        Long.toString(creation.retention().toMillis()),
                        "retention.bytes",
                        "-1",
                        "max.message.bytes",
                        Integer.toString(Clients.MOST_RECORD_BYTES),
                        "unclean.leader.election.enable",
                        "false"));
        try {
            admin.createTopics(Set.of(wanted)).all().get();
            log.info("topic created topic={} settings={}", topic, wanted);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                return failed(e);
            }
        }
        return look(List.of(topic)).getOrDefault(topic, new TopicVerdict.Missing(topic));
    }

    /** Whether an operator has to act, or time may help. */
    private static TopicVerdict failed(ExecutionException failed) {
        Throwable failure = failed.getCause() == null ? failed : failed.getCause();
        String reason = reason(failure);
        return switch (failure) {
            case AuthenticationException refused -> new TopicVerdict.Unusable(reason);
            case AuthorizationException refused -> new TopicVerdict.Unusable(reason);
            case InvalidReplicationFactorException bad -> new TopicVerdict.Unusable(reason);
            case InvalidConfigurationException bad -> new TopicVerdict.Unusable(reason);
            case PolicyViolationException bad -> new TopicVerdict.Unusable(reason);
            default -> new TopicVerdict.Unreachable(reason);
        };
    }

    /** In one line. */
    static String reason(Throwable failure) {
        String kind = failure.getClass().getSimpleName();
        String name = failure instanceof ApiException ? kind.replaceFirst("Exception$", "") : kind;
        return failure.getMessage() == null ? name : name + ": " + failure.getMessage();
    }
}
