package io.meridian.kafka;

import io.meridian.core.MeshLog;
import io.meridian.kafka.Publication.Want;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what this region writes as home. One thread of its own owns all {@link Publication}s and may wait for the producer; nobody who writes
 * waits for it: it reads from the journal what is durable there.
 */
final class Publisher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Publisher.class);
    private static final Duration LOG_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

    private final RegionId self;
    private final String topic;
    private final MeshLog journal;
    private final Supplier<Producer<String, byte[]>> producers;
    private final Supplier<KafkaConsumer<String, byte[]>> consumers;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("kafka-publisher").factory());

    /** Heads that are not looked at yet. */
    private final Map<MeshId, Head> told = new ConcurrentHashMap<>();

    private final AtomicLong published = new AtomicLong();
    private volatile String failure = "";
    private volatile long failingSinceNanos;

    // Owned by the thread.
    private final Map<MeshId, Publication> meshes = new HashMap<>();
    private final Map<MeshId, MeshLog.Subscription> watches = new HashMap<>();
    private MeshLog.Subscription meshWatch = () -> {};
    private @Nullable Map<MeshId, Position> tail;
    private @Nullable Producer<String, byte[]> producer;
    private boolean usable;

    Publisher(
            RegionId self,
            String topic,
            MeshLog journal,
            Supplier<Producer<String, byte[]>> producers,
            Supplier<KafkaConsumer<String, byte[]>> consumers) {
        this.self = self;
        this.topic = topic;
        this.journal = journal;
        this.producers = producers;
        this.consumers = consumers;
    }

    void start() {
        thread.execute(() -> meshWatch = journal.watchMeshes(known -> execute(() -> watch(known))));
        var _ = thread.scheduleWithFixedDelay(
                () -> guarded(this::tick), TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whether the topic is there and its brokers answer; nothing is tried while they do not. */
    void topicUsable(boolean now) {
        execute(() -> {
            usable = now;
            tick();
        });
    }

    /** Records that the brokers took since the start. */
    long published() {
        return published.get();
    }

    /** Why publishing has failed for {@code atLeast}; empty if it has not. */
    String failing(Duration atLeast) {
        String why = failure;
        return why.isEmpty() || System.nanoTime() - failingSinceNanos < atLeast.toNanos() ? "" : why;
    }

    private void watch(Set<MeshId> known) {
        for (MeshId mesh : known) {
            if (!watches.containsKey(mesh)) {
                // Marked first: the watch may call back before it returns.
                watches.put(mesh, () -> {});
                watches.put(mesh, journal.watchHead(mesh, head -> {
                    if (told.put(mesh, head) == null) {
                        execute(() -> headTold(mesh));
                    }
                }));
            }
        }
    }

    private void headTold(MeshId mesh) {
        Head head = told.remove(mesh);
        if (head != null) {
            Publication before = meshes.get(mesh);
            meshes.put(mesh, before == null ? Publication.of(self.index(), head) : before.headIs(head));
            goOn(mesh);
        }
    }

    private void tick() {
        if (usable && tail == null) {
            readTail();
        }
        Set.copyOf(meshes.keySet()).forEach(this::goOn);
    }

    private void readTail() {
        try (KafkaConsumer<String, byte[]> consumer = consumers.get()) {
            tail = TopicTail.read(consumer, topic);
            log.info("publishing goes on behind the topic's tail topic={} meshes={}", topic, tail.size());
            works();
        } catch (KafkaException e) {
            fails("the topic's tail cannot be read: " + Topics.reason(e));
        }
    }

    private void goOn(MeshId mesh) {
        Map<MeshId, Position> inTopic = tail;
        Publication publication = meshes.get(mesh);
        if (!usable || inTopic == null || publication == null) {
            return;
        }
        switch (publication.wants(nowMillis())) {
            case Want.Nothing() -> {}
            case Want.Start() -> {
                meshes.put(mesh, publication.asked());
                ask(mesh, publication.attempt(), journal.branch(mesh).toCompletableFuture(), branch -> {
                    Epoch epoch = branch.head().position().epoch();
                    long base = branch.lineage().segments().stream()
                            .filter(segment -> segment.epoch().equals(epoch))
                            .mapToLong(segment -> segment.baseSeq())
                            .findFirst()
                            .orElse(0);
                    long last = lastOf(epoch, inTopic.get(mesh));
                    if (last > branch.head().position().seq()) {
                        log.error(
                                "TOPIC IS AHEAD mesh={} own={} topic={}; this home lost events that it had published",
                                mesh,
                                branch.head().position(),
                                last);
                    }
                    update(mesh, now -> now.begins(epoch, base, last));
                });
            }
            case Want.Read(var afterSeq) -> {
                meshes.put(mesh, publication.asked());
                ask(
                        mesh,
                        publication.attempt(),
                        journal.read(mesh, afterSeq, Publication.READ_EVENTS).toCompletableFuture(),
                        events -> publish(mesh, afterSeq, events));
            }
        }
    }

    /** 0 if the topic's tail shows nothing of {@code epoch}. */
    private static long lastOf(Epoch epoch, @Nullable Position inTopic) {
        return inTopic != null && inTopic.epoch().equals(epoch) ? inTopic.seq() : 0;
    }

    private <T> void ask(MeshId mesh, int attempt, CompletableFuture<T> answer, Consumer<T> then) {
        var _ = answer.copy()
                .orTimeout(LOG_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((value, problem) -> execute(() -> {
                    Publication now = meshes.get(mesh);
                    if (now == null || now.attempt() != attempt) {
                        return;
                    }
                    if (problem != null) {
                        log.warn("own log cannot be read mesh={} reason=\"{}\"", mesh, problem.toString());
                        update(mesh, before -> before.failed(attempt, nowMillis()));
                    } else {
                        then.accept(value);
                    }
                }));
    }

    /** The events are on the branch that the log had when they were read: of the own turn they are on every later one, or were left with it. */
    private void publish(MeshId mesh, long afterSeq, List<EventEnvelope> events) {
        Publication publication = meshes.get(mesh);
        if (publication == null) {
            return;
        }
        long lastSeq = afterSeq;
        long bytes = 0;
        int attempt = publication.attempt();
        try {
            Producer<String, byte[]> to = producer();
            for (EventEnvelope event : events) {
                if (event.epoch().regionIndex() != self.index() || event.seq() != lastSeq + 1) {
                    break;
                }
                byte[] record = event.toProto().toByteArray();
                long seq = event.seq();
                var _ = to.send(
                        new ProducerRecord<>(topic, mesh.value(), record),
                        (metadata, problem) -> execute(() -> told(mesh, attempt, seq, record.length, problem)));
                lastSeq = seq;
                bytes += record.length;
            }
        } catch (KafkaException | IllegalStateException e) {
            fails(Topics.reason(e));
            if (!(e instanceof TimeoutException)) {
                // It says so itself: it will take nothing any more.
                renewProducer();
            }
            update(mesh, now -> now.failed(attempt, nowMillis()));
            return;
        }
        long sentSeq = lastSeq;
        long sentBytes = bytes;
        if (sentSeq == afterSeq) {
            // The log went over to another branch since, or does not show yet what its head told.
            update(mesh, now -> now.failed(attempt, nowMillis()));
        } else {
            update(mesh, now -> now.sent(sentSeq, sentBytes));
        }
    }

    private Producer<String, byte[]> producer() {
        Producer<String, byte[]> existing = producer;
        if (existing == null) {
            existing = producers.get();
            producer = existing;
        }
        return existing;
    }

    private void renewProducer() {
        if (producer != null) {
            producer.close(Duration.ZERO);
            producer = null;
        }
    }

    private void told(MeshId mesh, int attempt, long seq, int bytes, @Nullable Exception problem) {
        if (problem == null) {
            published.incrementAndGet();
            works();
            update(mesh, now -> now.delivered(attempt, seq, bytes));
        } else if (problem instanceof RecordTooLargeException) {
            log.error(
                    "EVENT TOO LARGE FOR THE TOPIC mesh={} seq={} bytes={} reason=\"{}\"; it goes to each region over its stream",
                    mesh,
                    seq,
                    bytes,
                    problem.getMessage());
            update(mesh, now -> now.delivered(attempt, seq, bytes));
        } else {
            fails(Topics.reason(problem));
            update(mesh, now -> now.failed(attempt, nowMillis()));
        }
    }

    private void update(MeshId mesh, UnaryOperator<Publication> change) {
        Publication before = meshes.get(mesh);
        if (before != null) {
            meshes.put(mesh, change.apply(before));
            goOn(mesh);
        }
    }

    private void works() {
        if (!failure.isEmpty()) {
            log.info("publishing works again topic={}", topic);
            failure = "";
        }
    }

    private void fails(String why) {
        if (failure.isEmpty()) {
            failingSinceNanos = System.nanoTime();
            log.warn("publishing fails topic={} reason=\"{}\"; events go over the streams meanwhile", topic, why);
        }
        failure = why;
    }

    private static long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private void execute(Runnable task) {
        try {
            thread.execute(() -> guarded(task));
        } catch (RejectedExecutionException e) {
            log.debug("task dropped reason=\"the publisher is closed\"");
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.error("publishing failed", e);
        }
    }

    /** What was given to the producer has a moment to arrive. */
    @Override
    public void close() {
        execute(() -> {
            meshWatch.close();
            watches.values().forEach(MeshLog.Subscription::close);
            if (producer != null) {
                producer.close(CLOSE_TIMEOUT.dividedBy(3));
                producer = null;
            }
        });
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
