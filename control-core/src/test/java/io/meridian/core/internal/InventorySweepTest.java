package io.meridian.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryObject;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.api.type.v1.InventoryService;
import io.meridian.core.MeshStates;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InventorySweepTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final RegionId EU = new RegionId("eu-1", 1);

    @TempDir
    Path data;

    private Instant now = Instant.parse("2026-11-24T09:00:00Z");
    private final InstantSource clock = () -> now;
    private final States states = new States();
    private LiveInventories inventories;

    @BeforeEach
    void open() {
        inventories = new LiveInventories(EU, JournalKind.SQLITE.journal(data).inventory(), clock);
    }

    @AfterEach
    void close() {
        inventories.close();
    }

    @Test
    void forgetsAClusterThatIsOutOfItsMeshForLongAlsoOnDisk() throws Exception {
        InventorySweep sweep = new InventorySweep(inventories, states, clock);
        states.members = Set.of("k8s-1");
        merge("k8s-1");
        // As another region sends it, after this one has removed the cluster.
        merge("k8s-2");

        sweep.sweep();
        now = now.plus(InventorySweep.GRACE).minusSeconds(1);
        sweep.sweep();
        assertThat(held()).containsExactlyInAnyOrder("k8s-1", "k8s-2");

        now = now.plusSeconds(1);
        sweep.sweep();
        assertThat(held()).containsExactly("k8s-1");
        inventories.close();
        inventories = new LiveInventories(EU, JournalKind.SQLITE.journal(data).inventory(), clock);
        inventories.recheck().join();
        assertThat(held()).containsExactly("k8s-1");
    }

    @Test
    void keepsWhatCameBeforeTheEventThatAddsItsCluster() throws Exception {
        InventorySweep sweep = new InventorySweep(inventories, states, clock);
        merge("k8s-1");
        sweep.sweep();
        now = now.plus(Duration.ofMinutes(5));
        states.members = Set.of("k8s-1");
        sweep.sweep();
        states.members = Set.of();
        now = now.plus(Duration.ofMinutes(6));
        sweep.sweep();

        // Out for ten minutes in all, but not in one piece.
        assertThat(held()).containsExactly("k8s-1");
    }

    private Set<String> held() {
        return inventories.clusters().join().getOrDefault(MESH, Set.of());
    }

    private void merge(String cluster) {
        InventoryService service = InventoryService.newBuilder()
                .setNamespace("default")
                .setName("a")
                .build();
        InventoryRecord theirs = InventoryRecord.newBuilder()
                .setKey(InventoryKey.newBuilder()
                        .setKind(InventoryKey.Kind.SERVICE)
                        .setNamespace("default")
                        .setName("a"))
                .setObject(InventoryObject.newBuilder().setService(service))
                .setStamp(7)
                .setStampRegion(2)
                .build();
        inventories.merge(MESH, cluster, List.of(theirs)).toCompletableFuture().join();
    }

    /** A mesh with {@link #members}. */
    private static final class States implements MeshStates {
        private Set<String> members = Set.of();

        @Override
        public CompletionStage<Read> latest(MeshId mesh, Optional<Position> min, Duration timeout) {
            MeshState empty = MeshState.empty(mesh);
            var clusters = empty.clusters();
            for (String member : members) {
                clusters = clusters.plus(
                        member, new MeshState.Entry<>(ClusterSpec.getDefaultInstance(), Instant.EPOCH, 1));
            }
            MeshState state = new MeshState(
                    empty.id(),
                    empty.head(),
                    empty.life(),
                    empty.uid(),
                    empty.spec(),
                    empty.created(),
                    empty.homeRegion(),
                    empty.sealed(),
                    empty.meshModifiedSeq(),
                    clusters,
                    empty.namespaces(),
                    empty.ingressGateways(),
                    empty.resources(),
                    empty.applied(),
                    empty.lineage(),
                    empty.handover(),
                    empty.successor(),
                    empty.branches(),
                    empty.membership());
            return CompletableFuture.completedFuture(new Read.Found(state));
        }

        @Override
        public CompletionStage<Read> at(MeshId mesh, long seq, Duration timeout) {
            throw new UnsupportedOperationException("only the newest state is read");
        }

        @Override
        public CompletionStage<Long> seqAt(MeshId mesh, Instant time, Duration timeout) {
            throw new UnsupportedOperationException("only the newest state is read");
        }
    }
}
