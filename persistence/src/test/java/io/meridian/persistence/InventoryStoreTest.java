package io.meridian.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.model.inventory.HybridClock;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource
class InventoryStoreTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final long WALL = 1_000_000;

    @Parameter
    JournalKind kind = JournalKind.SQLITE;

    @TempDir
    Path data;

    @BeforeEach
    void prepare() {
        kind.journal(data).prepare(Rows.REGION);
    }

    @Test
    void recordsAreThereAfterReopening() {
        List<InventoryRecord> stored;
        try (InventoryStore store = kind.journal(data).inventory()) {
            stored = store.stampAndStore(MESH, "k8s-1", WALL, stamp -> List.of(record("a", stamp, 1)));
        }
        try (InventoryStore store = kind.journal(data).inventory()) {
            assertThat(store.changedAfter(0).changed())
                    .containsExactly(new InventoryStore.Changed(MESH, "k8s-1", stored));
        }
    }

    @Test
    void twoNodesOnOneFileNeverGiveTheSameStamp() {
        try (InventoryStore one = kind.journal(data).inventory();
                InventoryStore two = kind.journal(data).inventory()) {
            long first = stamp(one, WALL);
            long second = stamp(two, WALL - 5);
            long third = stamp(one, WALL);

            assertThat(HybridClock.millis(first)).isEqualTo(WALL);
            assertThat(List.of(first, second, third)).isSorted().doesNotHaveDuplicates();
        }
    }

    @Test
    void aStampIsLargerThanEveryMergedOne() {
        try (InventoryStore store = kind.journal(data).inventory()) {
            long ahead = HybridClock.next(0, WALL * 2);
            store.store(MESH, "k8s-1", List.of(record("a", ahead, 2)));

            assertThat(stamp(store, WALL)).isGreaterThan(ahead);
        }
    }

    @Test
    void anOlderRecordDoesNotReplaceANewerOne() {
        try (InventoryStore store = kind.journal(data).inventory()) {
            store.store(MESH, "k8s-1", List.of(record("a", 7, 2)));
            store.store(MESH, "k8s-1", List.of(record("a", 6, 3), record("b", 1, 1)));
            store.store(MESH, "k8s-1", List.of(record("a", 7, 1)));

            assertThat(store.changedAfter(0).changed().getFirst().records())
                    .containsExactly(record("a", 7, 2), record("b", 1, 1));
        }
    }

    @Test
    void anotherNodeFindsWhatIsNewBehindItsMark() {
        try (InventoryStore one = kind.journal(data).inventory();
                InventoryStore two = kind.journal(data).inventory()) {
            one.store(MESH, "k8s-1", List.of(record("a", 1, 1)));
            InventoryStore.Changes first = two.changedAfter(0);
            one.store(MESH, "k8s-2", List.of(record("b", 2, 1)));

            assertThat(two.changedAfter(first.mark()).changed())
                    .containsExactly(new InventoryStore.Changed(MESH, "k8s-2", List.of(record("b", 2, 1))));
        }
    }

    @Test
    void aForgottenClusterIsGone() {
        try (InventoryStore store = kind.journal(data).inventory()) {
            store.store(MESH, "k8s-1", List.of(record("a", 1, 1)));
            store.forget(MESH, "k8s-1");

            assertThat(store.changedAfter(0).changed()).isEmpty();
        }
    }

    private static long stamp(InventoryStore store, long wallMillis) {
        return store.stampAndStore(MESH, "k8s-1", wallMillis, stamp -> List.of(record("x", stamp, 1)))
                .getFirst()
                .getStamp();
    }

    private static InventoryRecord record(String name, long stamp, int region) {
        return InventoryRecord.newBuilder()
                .setKey(InventoryKey.newBuilder()
                        .setKind(InventoryKey.Kind.SERVICE)
                        .setNamespace("default")
                        .setName(name))
                .setStamp(stamp)
                .setStampRegion(region)
                .build();
    }
}
