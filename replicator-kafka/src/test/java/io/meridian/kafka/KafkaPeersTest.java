package io.meridian.kafka;

import io.meridian.replicator.PeersTest;
import io.meridian.replicator.fixture.MemoryRegion;
import org.junit.jupiter.api.Timeout;

/** What regions ask of each other, while their events go by Kafka. */
@Timeout(120)
class KafkaPeersTest extends PeersTest {
    private final String prefix = KafkaRegions.newPrefix();

    @Override
    protected MemoryRegion region(String name, int index) {
        return new MemoryRegion(name, index, KafkaRegions.transports(prefix));
    }
}
