package io.meridian.kafka;

import io.meridian.replicator.ReplicationTest;
import io.meridian.replicator.fixture.MemoryRegion;
import org.junit.jupiter.api.Timeout;

/** What holds over gRPC holds by Kafka. */
@Timeout(120)
class KafkaReplicationTest extends ReplicationTest {
    private final String prefix = KafkaRegions.newPrefix();

    @Override
    protected MemoryRegion region(String name, int index) {
        return new MemoryRegion(name, index, KafkaRegions.transports(prefix));
    }
}
