package io.meridian.model.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.type.v1.InventoryEndpoint;
import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.api.type.v1.InventoryWorkload;
import io.meridian.model.mesh.Violation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class InventoryTest {

    @Property(tries = 200)
    void stampsGrowAndDoNotFallBehindTheWallClock(
            @ForAll @LongRange(min = 0, max = 1L << 60) long last,
            @ForAll @LongRange(min = 0, max = 1L << 44) long wallMillis) {
        long stamp = HybridClock.next(last, wallMillis);

        assertThat(stamp).isGreaterThan(last);
        assertThat(HybridClock.millis(stamp)).isGreaterThanOrEqualTo(wallMillis);
    }

    @Property(tries = 200)
    void recordsConvergeInWhateverOrderTheyArrive(@ForAll long seed, @ForAll @IntRange(min = 1, max = 30) int count) {
        Random random = new Random(seed);
        List<InventoryRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(record("svc-" + random.nextInt(3), "10.0.0." + i).toBuilder()
                    .setStamp(random.nextInt(5) * 100L + i)
                    .setStampRegion(random.nextInt(3))
                    .build());
        }
        List<InventoryRecord> shuffled = new ArrayList<>(records);
        Collections.shuffle(shuffled, random);

        assertThat(merged(shuffled, 1)).isEqualTo(merged(records, count));
    }

    @Test
    void aTieIsBrokenByTheRegion() {
        InventoryRecord of1 = record("a", "10.0.0.1").toBuilder()
                .setStamp(7)
                .setStampRegion(1)
                .build();
        InventoryRecord of2 = of1.toBuilder().setStampRegion(2).build();

        assertThat(InventoryMerge.isNewer(of2, of1)).isTrue();
        assertThat(InventoryMerge.isNewer(of1, of2)).isFalse();
        assertThat(InventoryMerge.isNewer(of1, of1)).isFalse();
    }

    @Test
    void aReportIsStampedOnlyWhereItDiffersAndReplacesWhatIsNotInIt() {
        InventoryRecord same = record("a", "10.0.0.1");
        InventoryRecord gone = record("b", "10.0.0.2");
        InventoryRecord fresh = record("c", "10.0.0.3");
        Map<InventoryKey, InventoryRecord> held = Map.of(same.getKey(), same, gone.getKey(), gone);

        List<InventoryRecord> stamped = InventoryMerge.stamp(held, List.of(same, fresh), true, 9, 1);

        assertThat(stamped).extracting(InventoryRecord::getKey).containsExactly(fresh.getKey(), gone.getKey());
        assertThat(stamped).extracting(InventoryRecord::hasObject).containsExactly(true, false);
        assertThat(stamped).allSatisfy(record -> assertThat(record.getStamp()).isEqualTo(9));
    }

    @Test
    void wrongFieldsAreNamedByTheirPaths() {
        InventoryObject service = InventoryObject.newBuilder()
                .setService(InventoryService.newBuilder()
                        .setNamespace("default")
                        .setName("Reviews")
                        .addPorts(InventoryService.ServicePort.newBuilder().setPort(70000))
                        .addAddresses("10.0.0.256"))
                .build();
        InventoryObject workload = InventoryObject.newBuilder()
                .setWorkload(
                        InventoryWorkload.newBuilder().setNamespace("default").setName("reviews-v1.0"))
                .build();
        InventoryObject endpoint = InventoryObject.newBuilder()
                .setEndpoint(InventoryEndpoint.newBuilder()
                        .setNamespace("default")
                        .setService("reviews")
                        .setWorkload("reviews-v1")
                        .putPorts("http", 0))
                .build();

        assertThat(InventoryChecks.check("upserts[0]", service))
                .extracting(Violation::field)
                .containsExactly(
                        "upserts[0].service.name",
                        "upserts[0].service.ports[0].port",
                        "upserts[0].service.addresses[0]");
        assertThat(InventoryChecks.check("upserts[1]", workload))
                .extracting(Violation::field)
                .containsExactly("upserts[1].workload.addresses");
        assertThat(InventoryChecks.check("upserts[2]", endpoint))
                .extracting(Violation::field)
                .containsExactly("upserts[2].endpoint.ports[http]");
        assertThat(InventoryChecks.check("upserts[3]", InventoryObject.getDefaultInstance()))
                .extracting(Violation::field)
                .containsExactly("upserts[3]");
    }

    @Test
    void aWholeServiceWithIpv6IsFine() {
        InventoryObject service = InventoryObject.newBuilder()
                .setService(InventoryService.newBuilder()
                        .setNamespace("default")
                        .setName("reviews")
                        .addPorts(InventoryService.ServicePort.newBuilder()
                                .setName("http")
                                .setPort(9080))
                        .addAddresses("10.0.0.1")
                        .addAddresses("fd00::1"))
                .build();

        assertThat(InventoryChecks.check("upserts[0]", service)).isEmpty();
        assertThat(InventoryKeys.of(service))
                .isEqualTo(InventoryKey.newBuilder()
                        .setKind(InventoryKey.Kind.SERVICE)
                        .setNamespace("default")
                        .setName("reviews")
                        .build());
    }

    private static Map<InventoryKey, InventoryRecord> merged(List<InventoryRecord> records, int batch) {
        Map<InventoryKey, InventoryRecord> held = new HashMap<>();
        for (int from = 0; from < records.size(); from += batch) {
            InventoryMerge.news(held, records.subList(from, Math.min(records.size(), from + batch)))
                    .forEach(record -> held.put(record.getKey(), record));
        }
        return held;
    }

    private static InventoryRecord record(String name, String address) {
        InventoryObject object = InventoryObject.newBuilder()
                .setService(InventoryService.newBuilder()
                        .setNamespace("default")
                        .setName(name)
                        .addAddresses(address))
                .build();
        return InventoryRecord.newBuilder()
                .setKey(InventoryKeys.of(object))
                .setObject(object)
                .build();
    }
}
