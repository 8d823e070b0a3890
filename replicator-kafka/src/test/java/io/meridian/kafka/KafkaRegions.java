package io.meridian.kafka;

import io.meridian.kafka.fixture.Broker;
import io.meridian.replicator.fixture.MemoryRegion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One broker for all tests of a JVM, and regions of memory that send their events by it; each test has topics of its own. */
final class KafkaRegions {
    private static final AtomicInteger TESTS = new AtomicInteger();
    private static final Lazy BROKER = new Lazy();

    private KafkaRegions() {}

    /** Started at the first use, ended with the JVM. */
    private static final class Lazy {
        private @Nullable Broker broker;

        synchronized Broker get() {
            Broker running = broker;
            return running == null ? start() : running;
        }

        private Broker start() {
            try {
                Path folder = Files.createTempDirectory("meridian-broker");
                Broker started = Broker.start(folder);
                broker = started;
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    started.close();
                    delete(folder);
                }));
                return started;
            } catch (Exception e) {
                throw new IllegalStateException("no broker", e);
            }
        }

        private static void delete(Path folder) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            } catch (IOException e) {
                System.err.println("left behind: " + folder);
            }
        }
    }

    static Broker broker() {
        return BROKER.get();
    }

    static String newPrefix() {
        return "test-" + TESTS.incrementAndGet();
    }

    static KafkaSettings settings(String brokers, String prefix) {
        return new KafkaSettings(
                brokers,
                prefix,
                Optional.of(new KafkaSettings.Creation(3, 1, 1, Duration.ofHours(1))),
                Map.of(),
                Duration.ofSeconds(2));
    }

    static MemoryRegion.Transports transports(String prefix) {
        return (self, peers) -> KafkaTransport.create(self, peers, settings(broker().address(), prefix));
    }
}
