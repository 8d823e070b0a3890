package io.meridian.chaos.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.chaos.history.History.Step;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HistoryTest {
    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsWhatIsRead() throws Exception {
        Path file = folder.resolve("history.jsonl");
        try (History history = new History(file)) {
            history.monitor(Step.INFO, "run")
                    .with(Field.SEED, 5)
                    .with(Field.REGIONS, Map.of("eu-1", 1))
                    .with(Field.MESHES, Map.of("m", 1))
                    .with(Field.LEASED, true)
                    .with(Field.GATEWAYS, Map.of("g", "eu-1"))
                    .write();
            history.line(0, Step.INVOKE, "cas")
                    .with(Field.MESH, "m")
                    .with(Field.KEY, "k1")
                    .with(Field.VALUE, 17)
                    .with(Field.ID, "0-17")
                    .with(Field.EXPECTED, new Position(65, 3))
                    .write();
            history.line(1, Step.INVOKE, "read")
                    .with(Field.MESH, "m")
                    .with(Field.REGION, "eu-1")
                    .with(Field.DEMANDED, new Position(65, 2))
                    .with(Field.FRESH, true)
                    .write();
            history.line(0, Step.OK, "cas")
                    .with(Field.POSITION, new Position(65, 4))
                    .write();
            history.line(1, Step.FAIL, "read").with(Field.ERROR, "ROLLED_BACK").write();
            history.line(1, Step.INVOKE, "read")
                    .with(Field.MESH, "m")
                    .with(Field.REGION, "eu-1")
                    .write();
            history.line(1, Step.OK, "read")
                    .with(Field.POSITION, new Position(65, 4))
                    .with(Field.VALUE, Map.of("k1", 17))
                    .write();
            history.line(2, Step.INVOKE, "handover")
                    .with(Field.MESH, "m")
                    .with(Field.TO, "us-1")
                    .write();
            history.nemesis("heal")
                    .with(Field.NEMESIS, "restore-old")
                    .with(Field.WHAT, "old disk")
                    .with(Field.REGIONS, Set.of("eu-1"))
                    .with(Field.FORGETS, Set.of("eu-1"))
                    .write();
            history.nemesis("healed")
                    .with(Field.NEMESIS, "mangle-records")
                    .with(Field.WHAT, "all of it")
                    .with(Field.REGIONS, Set.of("eu-1"))
                    .with(Field.COUNTS, Map.of("doubled", 3L))
                    .write();
            history.monitor(Step.INFO, "served")
                    .with(Field.GATEWAY, "g")
                    .with(Field.MESH, "m")
                    .with(Field.VALUE, Map.of("k1", 17))
                    .write();
            history.monitor(Step.OK, "converged").with(Field.SECONDS, 1.5).write();
        }

        Recorded recorded = HistoryReader.read(file);
        assertThat(recorded.run())
                .isEqualTo(new Recorded.Run(5, Map.of("eu-1", 1), Map.of("m", 1), true, Map.of("g", "eu-1")));
        assertThat(recorded.writes()).singleElement().satisfies(write -> {
            assertThat(write.id()).isEqualTo("0-17");
            assertThat(write.expected()).isEqualTo(new Position(65, 3));
            assertThat(write.position()).isEqualTo(new Position(65, 4));
            assertThat(write.outcome()).isEqualTo(Outcome.OK);
            assertThat(write.invoked()).isPositive().isLessThan(write.completed());
        });
        assertThat(recorded.reads()).hasSize(2);
        assertThat(recorded.reads().getFirst().rolledBack()).isTrue();
        assertThat(recorded.reads().getFirst().demanded()).isEqualTo(new Position(65, 2));
        assertThat(recorded.reads().getLast().values()).isEqualTo(Map.of("k1", 17L));
        assertThat(recorded.moves()).singleElement().satisfies(move -> {
            assertThat(move.outcome()).as("its end is not there").isEqualTo(Outcome.INFO);
            assertThat(move.completed()).isEqualTo(Recorded.NEVER);
        });
        assertThat(recorded.faults()).extracting(Recorded.Fault::forgets).containsExactly(Set.of("eu-1"), Set.of());
        assertThat(recorded.faults())
                .extracting(Recorded.Fault::counts)
                .containsExactly(Map.of(), Map.of("doubled", 3L));
        assertThat(recorded.served()).singleElement().satisfies(served -> {
            assertThat(served.gateway()).isEqualTo("g");
            assertThat(served.mesh()).isEqualTo("m");
            assertThat(served.values()).isEqualTo(Map.of("k1", 17L));
            assertThat(served.time()).isPositive();
        });
        assertThat(recorded.converged()).isEqualTo(new Recorded.Converged(Outcome.OK, 1.5, ""));

        assertThat(Files.readAllLines(file).get(1))
                .as("the documented form")
                .matches("\\{\"index\":1,\"time\":\\d+,\"process\":0,\"type\":\"invoke\",\"f\":\"cas\",\"mesh\":\"m\","
                        + "\"key\":\"k1\",\"value\":17,\"id\":\"0-17\",\"expected\":\"65.3\"}");
    }

    @Test
    void aProcessHasOneOperationAtATime() {
        String call =
                "{\"index\":0,\"time\":1,\"process\":3,\"type\":\"invoke\",\"f\":\"read\",\"mesh\":\"m\",\"region\":\"r\"}";
        assertThatThrownBy(() -> HistoryReader.read(List.of(call, call)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 2")
                .hasMessageContaining("process 3 has an operation already");
    }

    @Test
    void whatIsNoHistoryIsRefusedWithItsLine() {
        assertThatThrownBy(() -> HistoryReader.read(List.of("{")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("line 1");
    }
}
