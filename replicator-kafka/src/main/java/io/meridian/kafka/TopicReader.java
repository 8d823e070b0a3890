package io.meridian.kafka;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.EventTransport.Intake;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topic of one other region, on a thread of its own, and offers what it holds. Which partitions it reads is all of them: nobody shares
 * them, so there is no group to be a member of. An offset is committed once everything before it is done with; where there is none, or none that
 * can be read any more, reading begins at the topic's end, and the streams bring what lies between.
 *
 * <p>A mesh that takes nothing holds up its partition for a moment only. Then its records are given up, and its events come by its stream.
 */
final class TopicReader implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TopicReader.class);
    private static final Duration POLL = Duration.ofMillis(100);
    /** While records wait for room. */
    private static final Duration SHORT_POLL = Duration.ofMillis(5);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(1);
    private static final long COMMIT_EVERY_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long PARTITIONS_EVERY_NANOS = Duration.ofSeconds(30).toNanos();
    private static final long RETRY_NANOS = Duration.ofSeconds(1).toNanos();
    /** So long one mesh may hold up the others of its partition. */
    private static final long LONGEST_WAIT_NANOS = Duration.ofSeconds(1).toNanos();

    private static final long MOST_BYTES = 32L * 1024 * 1024;
    private static final int MOST_OFFERED_EVENTS = 256;
    private static final int MOST_OFFERED_BYTES = 256 * 1024;

    private final RegionId region;
    private final String topic;
    private final Intake intake;
    private final Supplier<KafkaConsumer<String, byte[]>> consumers;
    private final Thread thread;
    private final AtomicLong read = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean usable;
    private volatile boolean closed;
    private volatile String failure = "";
    private volatile @Nullable KafkaConsumer<String, byte[]> running;

    // Owned by the thread; made anew with each consumer.
    /** Read and not done with. */
    private AtomicLong bytes = new AtomicLong();

    private final Map<TopicPartition, Partition> partitions = new HashMap<>();
    private final Set<MeshId> givenUp = new HashSet<>();
    private long refusalToldNanos = System.nanoTime() - RETRY_NANOS;

    /** One record; {@code event} is null if it is none. */
    private record Read(long offset, int bytes, @Nullable EventEnvelope event) {}

    private static final class Partition {
        private final OffsetTracker offsets;
        private final Deque<Read> queue = new ArrayDeque<>();
        /** Since when its first record waits for room; 0 if it does not. */
        private long waitsSinceNanos;

        Partition(long next) {
            offsets = new OffsetTracker(next);
        }
    }

    TopicReader(RegionId region, String topic, Intake intake, Supplier<KafkaConsumer<String, byte[]>> consumers) {
        this.region = region;
        this.topic = topic;
        this.intake = intake;
        this.consumers = consumers;
        thread = Thread.ofPlatform().daemon().name("kafka-reader-" + region).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Whether the topic is there and its brokers answer. */
    void topicUsable(boolean now) {
        usable = now;
        LockSupport.unpark(thread);
    }

    /** Records that came since the start. */
    long read() {
        return read.get();
    }

    /** Records that were no events, or not those that they claimed to be. */
    long refused() {
        return refused.get();
    }

    /** Why it does not read though the topic is usable; empty if it does. */
    String failure() {
        return failure;
    }

    private void run() {
        while (!closed) {
            if (!usable) {
                LockSupport.parkNanos(RETRY_NANOS);
                continue;
            }
            try (KafkaConsumer<String, byte[]> consumer = consumers.get()) {
                running = consumer;
                readFrom(consumer);
            } catch (WakeupException e) {
                log.debug("reading ends topic={}", topic);
            } catch (RuntimeException e) {
                failure = Topics.reason(e);
                log.warn("reading fails topic={} reason=\"{}\"; tried again", topic, failure);
                LockSupport.parkNanos(RETRY_NANOS);
            } finally {
                running = null;
                partitions.clear();
                givenUp.clear();
                // What is not done with yet counts for the old one.
                bytes = new AtomicLong();
            }
        }
    }

    private void readFrom(KafkaConsumer<String, byte[]> consumer) {
        assign(consumer);
        failure = "";
        long committedNanos = System.nanoTime();
        long assignedNanos = committedNanos;
        while (!closed) {
            boolean full = bytes.get() > MOST_BYTES;
            Set<TopicPartition> waiting = new HashSet<>();
            partitions.forEach((partition, state) -> {
                if (full || !state.queue.isEmpty()) {
                    waiting.add(partition);
                }
            });
            pauseOnly(consumer, waiting);
            poll(consumer, waiting.isEmpty() ? POLL : SHORT_POLL);
            partitions.values().forEach(this::offer);
            long now = System.nanoTime();
            if (now - committedNanos > COMMIT_EVERY_NANOS) {
                committedNanos = now;
                commit(consumer);
            }
            if (now - assignedNanos > PARTITIONS_EVERY_NANOS) {
                assignedNanos = now;
                assign(consumer);
            }
        }
        commitAtEnd(consumer);
    }

    private static void pauseOnly(KafkaConsumer<String, byte[]> consumer, Set<TopicPartition> waiting) {
        Set<TopicPartition> paused = consumer.paused();
        if (!paused.equals(waiting)) {
            consumer.resume(paused);
            consumer.pause(waiting);
        }
    }

    /** All partitions, those included that were added since. */
    private void assign(KafkaConsumer<String, byte[]> consumer) {
        List<TopicPartition> all = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        if (partitions.keySet().containsAll(all)) {
            return;
        }
        consumer.assign(all);
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(new HashSet<>(all));
        List<TopicPartition> unknown = new ArrayList<>();
        for (TopicPartition partition : all) {
            Partition existing = partitions.get(partition);
            OffsetAndMetadata offset = committed.get(partition);
            if (existing != null) {
                consumer.seek(partition, existing.offsets.next());
            } else if (offset == null) {
                unknown.add(partition);
            } else {
                consumer.seek(partition, offset.offset());
                partitions.put(partition, new Partition(offset.offset()));
            }
        }
        if (!unknown.isEmpty()) {
            toTheEnd(consumer, unknown, "no offset is committed");
        }
        log.info("reading topic={} partitions={}", topic, all.size());
    }

    /** And says so at once to the brokers: the next start is to go on from there. */
    private void toTheEnd(KafkaConsumer<String, byte[]> consumer, Collection<TopicPartition> which, String because) {
        log.warn(
                "reading goes on at the end topic={} partitions={} reason=\"{}\"; what lies before comes by the streams",
                topic,
                which.stream().map(TopicPartition::partition).sorted().toList(),
                because);
        consumer.seekToEnd(which);
        Map<TopicPartition, OffsetAndMetadata> ends = new HashMap<>();
        for (TopicPartition partition : which) {
            long end = consumer.position(partition);
            Partition before = partitions.get(partition);
            if (before != null) {
                before.queue.forEach(record -> bytes.addAndGet(-record.bytes()));
            }
            partitions.put(partition, new Partition(end));
            ends.put(partition, new OffsetAndMetadata(end));
        }
        consumer.commitSync(ends);
    }

    private void poll(KafkaConsumer<String, byte[]> consumer, Duration atMost) {
        try {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(atMost)) {
                Partition partition = partitions.get(new TopicPartition(topic, record.partition()));
                if (partition != null) {
                    int size = record.value() == null ? 0 : record.value().length;
                    partition.offsets.read(record.offset());
                    partition.queue.add(new Read(record.offset(), size, parse(record)));
                    bytes.addAndGet(size);
                    read.incrementAndGet();
                }
            }
        } catch (InvalidOffsetException e) {
            toTheEnd(consumer, e.partitions(), Topics.reason(e));
        }
    }

    /** Offers what there is room for, in order. */
    private void offer(Partition partition) {
        while (!partition.queue.isEmpty()) {
            EventEnvelope event = partition.queue.element().event();
            if (event == null) {
                drop(partition);
                continue;
            }
            MeshId mesh = event.mesh();
            int room = intake.room(mesh);
            if (room == 0) {
                if (!givenUp.contains(mesh) && !waitedLongEnough(partition)) {
                    return;
                }
                if (givenUp.add(mesh)) {
                    log.info("records are given up topic={} mesh={}: it takes no more for now", topic, mesh);
                }
                drop(partition);
                continue;
            }
            givenUp.remove(mesh);
            offerSome(partition, mesh, Math.min(room, MOST_OFFERED_EVENTS));
        }
        partition.waitsSinceNanos = 0;
    }

    private static boolean waitedLongEnough(Partition partition) {
        long now = System.nanoTime();
        if (partition.waitsSinceNanos == 0) {
            partition.waitsSinceNanos = now;
        }
        return now - partition.waitsSinceNanos > LONGEST_WAIT_NANOS;
    }

    private void drop(Partition partition) {
        Read first = partition.queue.remove();
        bytes.addAndGet(-first.bytes());
        partition.offsets.done(first.offset());
        partition.waitsSinceNanos = 0;
    }

    /** The first records, as far as they are of one mesh. */
    private void offerSome(Partition partition, MeshId mesh, int most) {
        List<EventEnvelope> events = new ArrayList<>();
        List<Read> taken = new ArrayList<>();
        int size = 0;
        while (!partition.queue.isEmpty() && events.size() < most) {
            Read next = partition.queue.element();
            EventEnvelope event = next.event();
            if (event == null
                    || !event.mesh().equals(mesh)
                    || (!events.isEmpty() && size + next.bytes() > MOST_OFFERED_BYTES)) {
                break;
            }
            partition.queue.remove();
            events.add(event);
            taken.add(next);
            size += next.bytes();
        }
        partition.waitsSinceNanos = 0;
        int offered = size;
        AtomicLong counted = bytes;
        intake.offer(mesh, region, events, () -> {
            counted.addAndGet(-offered);
            taken.forEach(record -> partition.offsets.done(record.offset()));
        });
    }

    private @Nullable EventEnvelope parse(ConsumerRecord<String, byte[]> record) {
        String why;
        if (record.value() == null) {
            why = "it has no value";
        } else {
            try {
                EventEnvelope event = EventEnvelope.parse(record.value());
                why = contradiction(event, record.key());
                if (why.isEmpty()) {
                    return event;
                }
            } catch (InvalidProtocolBufferException e) {
                why = "it is no event: " + e.getMessage();
            }
        }
        refused.incrementAndGet();
        long now = System.nanoTime();
        if (now - refusalToldNanos >= RETRY_NANOS) {
            // One for all of a second.
            refusalToldNanos = now;
            log.error(
                    "TOPIC RECORD REFUSED topic={} partition={} offset={} key={} reason=\"{}\" refused={}",
                    topic,
                    record.partition(),
                    record.offset(),
                    record.key(),
                    why,
                    refused.get());
        }
        return null;
    }

    /** Whether the record is what the region itself would have written here; empty if it is. */
    private String contradiction(EventEnvelope event, @Nullable String key) {
        if (!event.mesh().value().equals(key)) {
            return "it is of mesh " + event.mesh();
        }
        if (event.epoch().regionIndex() != region.index()) {
            return "event " + event.position() + " is of a turn of another region";
        }
        return event.computeHash().equals(event.hash())
                ? ""
                : "event " + event.position() + " does not have the hash that it claims";
    }

    private Map<TopicPartition, OffsetAndMetadata> committable() {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        partitions.forEach((partition, state) -> {
            OptionalLong next = state.offsets.take();
            if (next.isPresent()) {
                offsets.put(partition, new OffsetAndMetadata(next.getAsLong()));
            }
        });
        return offsets;
    }

    private void commit(KafkaConsumer<String, byte[]> consumer) {
        Map<TopicPartition, OffsetAndMetadata> offsets = committable();
        if (!offsets.isEmpty()) {
            consumer.commitAsync(offsets, (told, problem) -> {
                if (problem != null) {
                    // The next one commits more.
                    log.debug("offsets not committed topic={} reason=\"{}\"", topic, Topics.reason(problem));
                }
            });
        }
    }

    private void commitAtEnd(KafkaConsumer<String, byte[]> consumer) {
        try {
            consumer.commitSync(committable(), COMMIT_TIMEOUT);
        } catch (KafkaException e) {
            log.info("offsets not committed topic={} reason=\"{}\"", topic, Topics.reason(e));
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            if (thread.isAlive() && !thread.join(CLOSE_TIMEOUT)) {
                KafkaConsumer<String, byte[]> stuck = running;
                if (stuck != null) {
                    stuck.wakeup();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
