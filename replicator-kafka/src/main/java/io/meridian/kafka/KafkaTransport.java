package io.meridian.kafka;

import io.meridian.core.MeshLog;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.EventTransport;
import io.meridian.replicator.TopicStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events between regions by Kafka, a topic for each region. Whether a topic can be relied on is looked at every second; while it cannot, events come by
 * the streams. Threads: one that looks, one that publishes, one for each other region that reads.
 */
public final class KafkaTransport implements EventTransport {
    private static final Logger log = LoggerFactory.getLogger(KafkaTransport.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private final RegionId self;
    private final KafkaSettings settings;
    private final Clients clients;
    private final Admin admin;
    private final Topics topics;
    /** By name; the own one is among them. */
    private final Map<String, Health> health = new TreeMap<>();

    private final ScheduledExecutorService watcher = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("kafka-topics").factory());
    private @Nullable Publisher publisher;
    private final Map<RegionId, TopicReader> readers = new TreeMap<>(Comparator.comparingInt(RegionId::index));
    private Set<RegionId> readable = Set.of();
    private @Nullable Intake intake;

    private KafkaTransport(RegionId self, List<RegionId> peers, KafkaSettings settings) {
        this.self = self;
        this.settings = settings;
        clients = new Clients(settings, self.name());
        admin = clients.admin();
        topics = new Topics(admin);
        List<RegionId> all = new ArrayList<>(peers);
        all.add(self);
        all.forEach(region -> health.put(settings.topic(region.name()), new Health(region, settings.downAfter())));
    }

    /**
     * Makes the clients and looks at the topics; creates this region's own if it is missing and may be created. Blocks, for some seconds if no broker
     * answers: then the transport goes on trying, and events go over the streams meanwhile.
     *
     * @throws IllegalStateException if what the brokers say calls for an operator: a compacted topic, refused credentials, a topic that is
     *     missing and may not be created
     * @throws IllegalArgumentException if Kafka's clients refuse their configuration
     */
    public static KafkaTransport create(RegionId self, List<RegionId> peers, KafkaSettings settings) {
        KafkaTransport transport;
        try {
            transport = new KafkaTransport(self, peers, settings);
        } catch (KafkaException e) {
            throw new IllegalArgumentException(rootMessage(e), e);
        }
        transport.look();
        Health own = transport.own();
        if (own.calls()) {
            transport.close();
            throw new IllegalStateException("Kafka at " + settings.bootstrapServers() + ": " + own.detail());
        }
        return transport;
    }

    private static String rootMessage(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public void start(MeshLog journal, Intake taker) {
        synchronized (this) {
            intake = taker;
            publisher = new Publisher(
                    self, settings.topic(self.name()), journal, clients::producer, () -> clients.consumer("publisher"));
            publisher.start();
            health.forEach((topic, of) -> {
                if (!of.region().equals(self)) {
                    TopicReader reader =
                            new TopicReader(of.region(), topic, taker, () -> clients.consumer("reader-" + of.region()));
                    readers.put(of.region(), reader);
                    reader.start();
                }
            });
            tell();
        }
        var _ = watcher.scheduleWithFixedDelay(
                this::lookAndTell, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Health own() {
        Health own = health.get(settings.topic(self.name()));
        if (own == null) {
            throw new IllegalStateException("no topic of this region");
        }
        return own;
    }

    private void lookAndTell() {
        try {
            look();
            tell();
        } catch (RuntimeException e) {
            // An exception would end the schedule.
            log.error("topics cannot be looked at", e);
        }
    }

    private void look() {
        try {
            Map<String, TopicVerdict> verdicts = topics.look(health.keySet());
            String ownTopic = settings.topic(self.name());
            if (verdicts.get(ownTopic) instanceof TopicVerdict.Missing) {
                verdicts.put(ownTopic, createOwn(ownTopic));
            }
            verdicts.forEach((topic, verdict) -> {
                Health of = health.get(topic);
                if (of != null) {
                    of.look(verdict, System.nanoTime());
                }
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private TopicVerdict createOwn(String topic) throws InterruptedException {
        return settings.creation().isPresent()
                ? topics.create(topic, settings.creation().get())
                : new TopicVerdict.Unusable(
                        "there is no topic " + topic + ", and meridian.replication.kafka.topic.create is off");
    }

    /** Passes on what was seen. */
    private synchronized void tell() {
        Intake taker = intake;
        Publisher writer = publisher;
        if (taker == null || writer == null) {
            return;
        }
        Set<RegionId> now = new HashSet<>();
        health.values().forEach(of -> {
            boolean up = of.isUp();
            if (of.region().equals(self)) {
                writer.topicUsable(up);
            } else {
                TopicReader reader = readers.get(of.region());
                if (reader != null) {
                    reader.topicUsable(up);
                    if (up && reader.failure().isEmpty()) {
                        now.add(of.region());
                    }
                }
            }
            of.logChange(settings);
        });
        if (!now.equals(readable)) {
            readable = now;
            taker.readable(now);
        }
    }

    @Override
    public synchronized List<TopicStatus> topics() {
        List<TopicStatus> all = new ArrayList<>();
        health.values().forEach(of -> {
            TopicReader reader = readers.get(of.region());
            String trouble = of.detail();
            long records = 0;
            long refused = 0;
            if (reader != null) {
                trouble = trouble.isEmpty() ? reader.failure() : trouble;
                records = reader.read();
                refused = reader.refused();
            } else if (publisher != null) {
                trouble = trouble.isEmpty() ? publisher.failing(settings.downAfter()) : trouble;
                records = publisher.published();
            }
            all.add(new TopicStatus(
                    of.region(), of.region().equals(self), of.isUp() && trouble.isEmpty(), trouble, records, refused));
        });
        return List.copyOf(all);
    }

    @Override
    public void close() {
        watcher.shutdownNow();
        Publisher writer;
        List<TopicReader> all;
        synchronized (this) {
            writer = publisher;
            all = List.copyOf(readers.values());
        }
        List<Thread> closing = all.stream()
                .map(reader -> Thread.ofVirtual().start(reader::close))
                .toList();
        if (writer != null) {
            writer.close();
        }
        try {
            for (Thread thread : closing) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        admin.close(CLOSE_TIMEOUT);
    }
}
