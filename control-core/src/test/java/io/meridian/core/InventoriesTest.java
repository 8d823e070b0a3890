package io.meridian.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource
class InventoriesTest {
    private static final MeshId MESH = new MeshId("bookinfo");

    @Parameter
    JournalKind kind = JournalKind.SQLITE;

    @TempDir
    Path data;

    @Test
    void reportsAreStampedStoredToldAndThereAfterARestart() {
        Map<String, List<InventoryRecord>> before;
        try (TestRegion region = TestRegion.start(TestRegion.EU, kind, data, new FakePeers())) {
            Inventories inventories = region.core().inventories();
            List<InventoryRecord> told = Collections.synchronizedList(new ArrayList<>());
            try (MeshLog.Subscription watch = inventories.watch((mesh, cluster, records) -> told.addAll(records))) {
                assertThat(report(inventories, true, service("a", 80), service("b", 80)))
                        .isEqualTo(2);
                assertThat(report(inventories, false, service("a", 80))).isZero();
                assertThat(report(inventories, true, service("a", 81))).isEqualTo(2);
                assertThat(watch).isNotNull();
            }
            assertThat(told).hasSize(4);
            assertThat(told.stream().map(InventoryRecord::getStamp)).isSorted();
            before = Await.get(inventories.all(MESH));
            assertThat(before.get("k8s-1"))
                    .hasSize(2)
                    .allMatch(record -> record.getStampRegion() == 1)
                    .filteredOn(InventoryRecord::hasObject)
                    .singleElement()
                    .satisfies(record -> assertThat(record.getObject())
                            .isEqualTo(service("a", 81).getObject()));
        }
        try (TestRegion region = TestRegion.start(TestRegion.EU, kind, data, new FakePeers())) {
            Inventories inventories = region.core().inventories();
            assertThat(Await.get(inventories.all(MESH)).get("k8s-1"))
                    .containsExactlyInAnyOrderElementsOf(before.getOrDefault("k8s-1", List.of()));
            List<InventoryRecord> told = Collections.synchronizedList(new ArrayList<>());
            inventories.watch((mesh, cluster, records) -> told.addAll(records)).close();
            Await.get(inventories.all(MESH));
            assertThat(told).hasSize(2);
        }
    }

    @Test
    void mergesWhatIsNewerOfOtherRegionsAndForgetsAClusterThatLeft() {
        try (TestRegion region = TestRegion.start(TestRegion.EU, kind, data, new FakePeers())) {
            Inventories inventories = region.core().inventories();
            InventoryRecord theirs = service("a", 90).toBuilder()
                    .setStamp(7L << 40)
                    .setStampRegion(2)
                    .build();

            assertThat(Await.get(inventories.merge(MESH, "k8s-1", List.of(theirs))))
                    .isEqualTo(1);
            assertThat(Await.get(inventories.merge(MESH, "k8s-1", List.of(theirs))))
                    .isZero();
            assertThat(report(inventories, false, service("a", 91))).isEqualTo(1);
            assertThat(Await.get(inventories.merge(MESH, "k8s-1", List.of(theirs))))
                    .isZero();

            Await.get(inventories.forget(MESH, "k8s-1").thenApply(nothing -> true));
            assertThat(Await.get(inventories.all(MESH))).isEmpty();
        }
    }

    private static int report(Inventories inventories, boolean replaceAll, InventoryRecord... records) {
        return Await.get(inventories.report(MESH, "k8s-1", List.of(records), replaceAll));
    }

    private static InventoryRecord service(String name, int port) {
        return InventoryRecord.newBuilder()
                .setKey(InventoryKey.newBuilder()
                        .setKind(InventoryKey.Kind.SERVICE)
                        .setNamespace("default")
                        .setName(name))
                .setObject(InventoryObject.newBuilder()
                        .setService(InventoryService.newBuilder()
                                .setNamespace("default")
                                .setName(name)
                                .addPorts(InventoryService.ServicePort.newBuilder()
                                        .setPort(port))))
                .build();
    }
}
