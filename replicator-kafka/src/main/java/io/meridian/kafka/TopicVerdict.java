package io.meridian.kafka;

/** What a look at a topic found. */
sealed interface TopicVerdict {
    /** It is there, as it has to be, and each partition has a leader. */
    record Usable(int partitions) implements TopicVerdict {}

    /** There is no such topic. */
    record Missing(String topic) implements TopicVerdict {}

    /** It is there, or the brokers answer, and an operator has to change something. */
    record Unusable(String reason) implements TopicVerdict {}

    /** The brokers do not answer, or not for this topic: it may pass. */
    record Unreachable(String reason) implements TopicVerdict {}
}
