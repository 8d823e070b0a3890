package io.meridian.kafka;

import io.meridian.replicator.BranchesTest;
import io.meridian.replicator.fixture.MemoryRegion;
import org.junit.jupiter.api.Timeout;

/** Homes that move, by Kafka. */
@Timeout(120)
class KafkaBranchesTest extends BranchesTest {
    private final String prefix = KafkaRegions.newPrefix();

    @Override
    protected MemoryRegion region(String name, int index) {
        return new MemoryRegion(name, index, KafkaRegions.transports(prefix));
    }
}
