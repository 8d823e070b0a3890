package io.meridian.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.position.MeshId;
import io.meridian.persistence.LogReader;
import io.meridian.persistence.LogState;
import io.meridian.persistence.fixture.JournalKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One incarnation is a process of its own, stopped (SIGSTOP) in the middle of its writes and let go on after another took over. A statement of it may then be
 * on its way, sent or half sent: no transaction waits for it in Cassandra, as it does in the SQL databases.
 */
class CassandraFencingTest {
    private static final MeshId MESH = new MeshId("mesh-0");
    private static final String REFUSED = "not accepted: ";
    private static final int ROUNDS = 3;

    @TempDir
    Path data;

    /** By command id: the position that was acknowledged, by whichever incarnation. */
    private final Map<String, String> acknowledged = new HashMap<>();

    /** Without a fence the log is damaged and neither goes on. */
    @Test
    @Timeout(90)
    void whoWasPausedIsRefusedUntilItHasReadTheLogAgain() throws IOException, InterruptedException {
        Config shared = ConfigFactory.parseString("meridian.core.shared = on")
                .withFallback(JournalKind.CASSANDRA.settings(data));
        Process paused = KilledWriter.start(data, 0, 1, shared);
        try (BufferedReader lines = paused.inputReader(UTF_8)) {
            assertThat(lines.readLine()).isEqualTo("ready");
            untilAccepted(lines, 50);
            try (TestRegion other = TestRegion.start(TestRegion.EU, data, new FakePeers(), List.of(), shared)) {
                for (int round = 0; round < ROUNDS; round++) {
                    signal(paused, "STOP");
                    takeOver(other, round);
                    signal(paused, "CONT");
                    assertThat(untilRefusedAndAcceptedAgain(lines))
                            .as("refused after round %s", round)
                            .isPositive();
                }
            }
        } finally {
            paused.destroyForcibly().waitFor();
        }
        everyAcknowledgedCommandIsThereOnce();
    }

    /** As its first write the newcomer may still meet one that was on its way. */
    private void takeOver(TestRegion other, int round) {
        Await.until("the other took over in round " + round, () -> accepted(other));
        for (int i = 0; i < 5; i++) {
            assertThat(accepted(other)).as("nobody else writes").isTrue();
        }
    }

    private boolean accepted(TestRegion other) {
        var request = other.request(MESH, TestRegion.label("by-other-" + acknowledged.size()));
        CommandOutcome outcome = Await.get(other.core().commands().execute(request, TestRegion.TIMEOUT));
        if (outcome instanceof CommandOutcome.Accepted accepted) {
            acknowledged.put(request.commandId(), accepted.position().toString());
            return true;
        }
        return false;
    }

    private void untilAccepted(BufferedReader lines, int count) throws IOException {
        for (int seen = 0; seen < count; seen += take(lines) ? 1 : 0) {
            // Each line says one.
        }
    }

    /** What it printed before it was stopped comes first. */
    private int untilRefusedAndAcceptedAgain(BufferedReader lines) throws IOException {
        int refused = 0;
        long deadline = System.nanoTime() + Await.LIMIT.toNanos();
        for (boolean accepted = take(lines); refused == 0 || !accepted; accepted = take(lines)) {
            assertThat(System.nanoTime()).as("it goes on after it was refused").isLessThan(deadline);
            refused += accepted ? 0 : 1;
        }
        return refused;
    }

    /** Whether the next command that it tells of was accepted. */
    private boolean take(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        assertThat(line).as("the other process goes on").isNotNull();
        if (line.startsWith(REFUSED)) {
            assertThat(line).containsAnyOf("Unknown", "Unavailable");
            return false;
        }
        String[] words = line.split(" ", -1);
        acknowledged.put(words[1], words[2]);
        return true;
    }

    private static void signal(Process process, String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    /** From the rows, by a reader that knows nothing of either. */
    private void everyAcknowledgedCommandIsThereOnce() {
        Map<String, String> stored = new HashMap<>();
        try (LogReader reader = JournalKind.CASSANDRA.journal(data).reader(1)) {
            LogState state = LogState.empty(MESH);
            for (List<EventEnvelope> read = reader.read(MESH, 0, 1000);
                    !read.isEmpty();
                    read = reader.read(MESH, state.head().position().seq(), 1000)) {
                for (EventEnvelope event : read) {
                    state = state.next(event);
                    if (event.header().getIndexInCommand() == event.header().getEventsInCommand() - 1) {
                        String id = event.header().getCommandId();
                        assertThat(stored.put(id, event.epoch() + "." + event.seq()))
                                .as("command %s is applied once", id)
                                .isNull();
                    }
                }
            }
        }
        assertThat(stored).containsAllEntriesOf(acknowledged);
        System.out.printf("%d acknowledged commands of two incarnations, none lost or doubled%n", acknowledged.size());
    }
}
