package io.meridian.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegionCoreTest {
    private static final MeshId MESH = new MeshId("bookinfo");

    @TempDir
    Path data;

    @Test
    void whatIsAcknowledgedIsThereAfterARestartWithTheSameStateHash() {
        MeshState before;
        List<EventEnvelope> log;
        try (TestRegion region = TestRegion.start(TestRegion.EU, data)) {
            Position created = region.create(MESH);
            assertThat(created.epoch().value()).isEqualTo(1);
            assertThat(created.seq()).isEqualTo(4);
            assertThat(region.accept(MESH, TestRegion.label("a")).seq()).isEqualTo(5);
            before = region.latest(MESH);
            log = region.log(MESH);
            assertThat(log).hasSize(5);
        }
        try (TestRegion region = TestRegion.start(TestRegion.EU, data)) {
            assertThat(SnapshotCodec.stateHash(region.latest(MESH))).isEqualTo(SnapshotCodec.stateHash(before));
            assertThat(region.log(MESH)).isEqualTo(log);
            assertThat(region.accept(MESH, TestRegion.label("b")).seq()).isEqualTo(6);
        }
    }

    @Test
    void concurrentCommandsAllGetPositionsOfTheirOwn() {
        try (TestRegion region = TestRegion.start(TestRegion.EU, data)) {
            region.create(MESH);
            List<CompletionStage<CommandOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 4000; i++) {
                outcomes.add(region.send(MESH, TestRegion.label("c" + i)));
            }
            assertThat(outcomes.stream()
                            .map(outcome ->
                                    TestRegion.accepted(Await.get(outcome)).seq()))
                    .doesNotHaveDuplicates();
            assertThat(region.latest(MESH).head().position().seq()).isEqualTo(4004);
        }
    }
}
