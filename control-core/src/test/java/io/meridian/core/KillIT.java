package io.meridian.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.LogReader;
import io.meridian.persistence.LogState;
import io.meridian.persistence.fixture.JournalKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kills a writing process with kill -9, again and again ({@code -Dmeridian.kill.rounds}, 6 for each journal by default), and finds every acknowledged command again,
 * at its position, in an intact chain, once.
 */
@ParameterizedClass
@EnumSource
class KillIT {
    private static final int ROUNDS = Integer.getInteger("meridian.kill.rounds", 6);
    private static final int MESHES = 3;

    @Parameter
    JournalKind kind = JournalKind.SQLITE;

    @TempDir
    Path data;

    /** By mesh and command id: the position that was acknowledged. */
    private final Map<String, String> acknowledged = new HashMap<>();

    @Test
    void noAcknowledgedCommandIsLostWhenTheProcessIsKilled() throws IOException, InterruptedException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            int before = acknowledged.size();
            writeAndKill(round, 50 + random.nextInt(600));
            assertThat(acknowledged.size())
                    .as("round %s writes, seed %s", round, seed)
                    .isGreaterThan(before);
            verify(round);
        }
        recoveryAgreesWithTheRows();
        System.out.printf("%s: %d kills, %d acknowledged commands, none lost%n", kind, ROUNDS, acknowledged.size());
    }

    /** Kills after so many acknowledgements, in the middle of others. */
    private void writeAndKill(int round, int acknowledgements) throws IOException, InterruptedException {
        Process process = KilledWriter.start(data, round, MESHES, kind.settings(data));
        try (BufferedReader lines = process.inputReader(UTF_8)) {
            int count = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("mesh-")) {
                    String[] words = line.split(" ", -1);
                    acknowledged.put(words[0] + " " + words[1], words[2]);
                    if (++count == acknowledgements) {
                        // By its handle: what it had printed before stays readable.
                        process.toHandle().destroyForcibly();
                    }
                } else {
                    assertThat(line).isIn("ready", "");
                }
            }
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** From the rows, by a reader that knows nothing of the writer. */
    private void verify(int round) {
        Map<String, String> stored = new HashMap<>();
        try (LogReader reader = kind.journal(data).reader(1)) {
            for (int i = 0; i < MESHES; i++) {
                MeshId mesh = new MeshId("mesh-" + i);
                LogState state = LogState.empty(mesh);
                for (List<EventEnvelope> read = reader.read(mesh, 0, 1000);
                        !read.isEmpty();
                        read = reader.read(mesh, state.head().position().seq(), 1000)) {
                    for (EventEnvelope event : read) {
                        state = state.next(event);
                        String id = mesh + " " + event.header().getCommandId();
                        if (event.header().getIndexInCommand() == event.header().getEventsInCommand() - 1) {
                            assertThat(stored.put(id, event.position().toString()))
                                    .as("command %s is applied once", id)
                                    .isNull();
                        }
                    }
                }
                assertThat(state.head()).isEqualTo(reader.head(mesh));
            }
        }
        acknowledged.forEach((command, position) -> assertThat(stored.get(command))
                .as("command %s, acknowledged by round %s", command, round)
                .isEqualTo(position));
    }

    private void recoveryAgreesWithTheRows() {
        Map<MeshId, Hash> folded = new HashMap<>();
        try (LogReader reader = kind.journal(data).reader(1)) {
            for (MeshId mesh : reader.meshes()) {
                LogState state = LogState.empty(mesh);
                for (EventEnvelope event : all(reader, mesh)) {
                    state = state.next(event);
                }
                folded.put(mesh, SnapshotCodec.stateHash(state.state()));
            }
        }
        assertThat(folded).hasSize(MESHES);
        try (TestRegion region = TestRegion.start(TestRegion.EU, kind, data, new FakePeers())) {
            folded.forEach((mesh, hash) ->
                    assertThat(SnapshotCodec.stateHash(region.latest(mesh))).isEqualTo(Objects.requireNonNull(hash)));
        }
    }

    private static List<EventEnvelope> all(LogReader reader, MeshId mesh) {
        List<EventEnvelope> events = new ArrayList<>();
        for (List<EventEnvelope> read = reader.read(mesh, 0, 1000);
                !read.isEmpty();
                read = reader.read(mesh, events.size(), 1000)) {
            events.addAll(read);
        }
        return events;
    }
}
