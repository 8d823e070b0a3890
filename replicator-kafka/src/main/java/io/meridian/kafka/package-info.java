/**
 * Events between regions by Apache Kafka: {@link io.meridian.kafka.KafkaTransport} publishes what this region writes as home to the region's own
 * topic, and offers what the topics of others hold to the followers of region-replicator, which judge it. Nothing here decides what is true: a
 * topic may lose, double, reorder or hold garbage, and the streams between regions make up for it (docs/adr/0021). Rules and limits stand
 * in docs/replication.md, "Kafka".
 */
@NullMarked
package io.meridian.kafka;

import org.jspecify.annotations.NullMarked;
