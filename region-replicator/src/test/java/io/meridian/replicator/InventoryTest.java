package io.meridian.replicator;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.model.position.MeshId;
import io.meridian.replicator.fixture.Await;
import io.meridian.replicator.fixture.MemoryRegion;
import io.meridian.replicator.fixture.Workloads;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InventoryTest {
    private static final MeshId BOOKINFO = new MeshId("bookinfo");
    private static final String CLUSTER = "k8s-1";

    private final MemoryRegion eu = new MemoryRegion("eu-1", 1);
    private final MemoryRegion us = new MemoryRegion("us-1", 2);
    private final MemoryRegion ap = new MemoryRegion("ap-1", 3);

    @AfterEach
    void stopAll() {
        eu.close();
        us.close();
        ap.close();
    }

    @Test
    void whatClustersReportAnywhereIsTheSameEverywhereAndComesToRest() {
        startAll();
        report(eu, workloads(0, 500));
        report(us, workloads(500, 20));
        report(ap, workloads(520, 20));
        awaitSame(540);
        report(us, List.of(deleted(3)));
        Await.until("the deletion is everywhere", () -> !holds(eu, 3) && !holds(us, 3) && !holds(ap, 3));

        int offered = merges();
        // Another report, which has to pass every stream, shows that nothing else was on its way.
        report(eu, workloads(600, 1));
        awaitSame(541);
        assertThat(merges() - offered)
                .as(
                        "a record goes to each other region by each way at most once: what was left of the deletion, and this one")
                .isLessThanOrEqualTo(12);
        assertThat(offered).as("there is no storm").isLessThan(60);
    }

    @Test
    void aRegionThatComesLaterGetsAllThatAnyOtherHolds() {
        eu.start(us, ap);
        us.start(eu, ap);
        report(eu, workloads(0, 1500));
        Await.until("us-1 has it", () -> count(us) == 1500);
        eu.stop();

        ap.start(eu, us);

        Await.until("ap-1 has it from us-1", () -> count(ap) == 1500);
    }

    @Test
    void aMergeThatFailsIsMadeUpFor() {
        us.inventories().failMerges(3);
        startAll();
        report(eu, workloads(0, 50));
        awaitSame(50);
    }

    private void startAll() {
        eu.start(us, ap);
        us.start(eu, ap);
        ap.start(eu, us);
    }

    private static void report(MemoryRegion region, List<InventoryRecord> records) {
        region.inventories()
                .report(BOOKINFO, CLUSTER, records, false)
                .toCompletableFuture()
                .join();
    }

    private static List<InventoryRecord> workloads(int from, int count) {
        return IntStream.range(from, from + count).mapToObj(Workloads::workload).toList();
    }

    private static InventoryRecord deleted(int index) {
        return Workloads.workload(index).toBuilder().clearObject().build();
    }

    private static boolean holds(MemoryRegion region, int index) {
        InventoryRecord record = region.inventories()
                .records(BOOKINFO, CLUSTER)
                .get(deleted(index).getKey());
        return record != null && record.hasObject();
    }

    private static int count(MemoryRegion region) {
        return region.inventories().records(BOOKINFO, CLUSTER).size();
    }

    private int merges() {
        return eu.inventories().merges()
                + us.inventories().merges()
                + ap.inventories().merges();
    }

    private void awaitSame(int records) {
        Await.until(
                "all regions hold the same " + records,
                () -> count(eu) == records
                        && eu.inventories()
                                .records(BOOKINFO, CLUSTER)
                                .equals(us.inventories().records(BOOKINFO, CLUSTER))
                        && eu.inventories()
                                .records(BOOKINFO, CLUSTER)
                                .equals(ap.inventories().records(BOOKINFO, CLUSTER)),
                () -> count(eu) + ", " + count(us) + " and " + count(ap));
    }
}
