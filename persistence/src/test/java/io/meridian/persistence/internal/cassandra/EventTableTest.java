package io.meridian.persistence.internal.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.JournalUnavailableException;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class EventTableTest {
    @TempDir
    static Path data;

    @SuppressWarnings("NullAway.Init")
    private static SharedSession.Use use;

    @SuppressWarnings("NullAway.Init")
    private static EventTable table;

    private String log = "";

    @BeforeAll
    static void open() {
        var settings = JournalKind.CASSANDRA
                .settings(data)
                .withFallback(ConfigFactory.defaultReference())
                .resolve();
        JournalKind.CASSANDRA.journal(data).prepare(new RegionId("eu-1", 1));
        use = new SharedSession(CassandraSettings.of(settings.getConfig(CassandraSettings.PATH))).use();
        table = new EventTable(use.session());
    }

    @AfterAll
    static void close() {
        if (use != null) {
            use.close();
        }
    }

    @BeforeEach
    void name(TestInfo test) {
        log = "mesh|" + test.getTestMethod().orElseThrow().getName() + "|e1";
    }

    @Test
    void aSecondWriterIsRefusedAndNothingOfItsBatchIsStored() {
        table.append(log, events("one", 1, 3));

        assertThatThrownBy(() -> table.append(log, events("two", 3, 5)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("another process of this region writes log " + log);

        assertThat(read(1, Long.MAX_VALUE)).containsExactly(1L, 2L, 3L);
        assertThat(table.lastNumberForWriting(log)).isEqualTo(3);
    }

    @Test
    void aBatchThatIsStoredAlreadyIsItsWritersOwnSuccess() {
        table.append(log, events("one", 1, 3));

        table.append(log, events("one", 1, 3));

        assertThat(read(1, 10)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void ofManyWritersAtOnePlaceExactlyOneIsTold() throws Exception {
        int writers = 6;
        try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            for (long place = 1; place <= 20; place++) {
                long at = place;
                List<Callable<Boolean>> race = new ArrayList<>();
                for (int writer = 0; writer < writers; writer++) {
                    String name = "writer-" + writer;
                    race.add(() -> won(name, at));
                }
                int winners = 0;
                for (Future<Boolean> one : threads.invokeAll(race)) {
                    winners += one.get() ? 1 : 0;
                }
                assertThat(winners).as("winners at %s", at).isLessThanOrEqualTo(1);
                if (winners == 0) {
                    // All were told that it is unknown: whoever goes on looks what there is.
                    place = table.lastNumberForWriting(log);
                }
            }
        }
        assertThat(read(1, Long.MAX_VALUE)).containsExactlyElementsOf(sequence(1, 20));
    }

    private boolean won(String writer, long place) {
        try {
            table.append(log, events(writer, place, place));
            assertThat(writerOf(place)).isEqualTo(writer);
            return true;
        } catch (IllegalStateException | JournalUnavailableException e) {
            return false;
        }
    }

    private String writerOf(long place) {
        List<String> writers = new ArrayList<>();
        table.read(log, place, place, event -> writers.add(event.writer()));
        return writers.getFirst();
    }

    @Test
    void aLogGoesOnFromPartitionToPartition() {
        long end = EventTable.PARTITION_EVENTS + 300L;
        // Of the batches the third begins in the first partition and ends beyond it.
        table.append(log, events("one", 1, 2_500));
        table.append(log, events("one", 2_501, 4_900));
        table.append(log, events("one", 4_901, 5_100));
        table.append(log, events("one", 5_101, end));

        assertThat(read(1, Long.MAX_VALUE)).containsExactlyElementsOf(sequence(1, end));
        assertThat(read(4_999, 5_102)).containsExactlyElementsOf(sequence(4_999, 5_102));
        assertThat(read(5_050, 5_060)).containsExactlyElementsOf(sequence(5_050, 5_060));
        assertThat(read(5_200, end + 10)).containsExactlyElementsOf(sequence(5_200, end));
        assertThat(table.last(log))
                .isNotNull()
                .satisfies(last -> assertThat(last.sequenceNumber()).isEqualTo(end));
        assertThat(table.lastNumber(log, end)).isEqualTo(end);
        // A loser's intent.
        new IntentTable(use.session()).raise(log, 3L * EventTable.PARTITION_EVENTS);
        assertThat(table.lastNumberForWriting(log)).isEqualTo(end);
        assertThatThrownBy(() -> table.append(log, events("two", 5_101, 5_101)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anIntentIsNotedUntilItIsFulfilled() {
        try (CassandraRows rows = new CassandraRows(new SharedSession(CassandraSettings.of(JournalKind.CASSANDRA
                        .settings(data)
                        .withFallback(ConfigFactory.defaultReference())
                        .resolve()
                        .getConfig(CassandraSettings.PATH)))
                .use())) {
            long mark = rows.commitMark();
            new IntentTable(use.session()).raise(log, 2);
            assertThat(rows.changedSince(mark)).contains(log);
            // Its writer may have died, or its write may be on its way.
            mark = rows.commitMark();
            assertThat(rows.changedSince(mark)).contains(log);

            table.append(log, events("one", 1, 2));

            mark = rows.commitMark();
            assertThat(rows.changedSince(mark)).doesNotContain(log);
        }
    }

    @Test
    void anIntentNeverGoesBack() {
        IntentTable intents = new IntentTable(use.session());
        intents.raise(log, 7);
        intents.raise(log, 5);

        assertThat(intents.of(log)).hasValue(7);
        assertThat(intents.all()).containsEntry(log, 7L);
    }

    @Test
    void aLargeSnapshotIsStoredInPartsAndTheNewestIsFound() {
        SnapshotTable snapshots = new SnapshotTable(use.session());
        byte[] large = new byte[3 * 1024 * 1024 + 5];
        large[large.length - 1] = 7;
        snapshots.store(log, new SnapshotTable.Listed(10, 100, 1, "m", SnapshotTable.parts(large)), large);
        snapshots.store(log, new SnapshotTable.Listed(20, 200, 1, "m", 1), new byte[] {1});

        assertThat(snapshots.newest(log, 0, 19, Long.MAX_VALUE))
                .hasValueSatisfying(
                        listed -> assertThat(snapshots.bytes(log, listed)).isEqualTo(large));
        assertThat(snapshots.newest(log, 0, 30, Long.MAX_VALUE).map(SnapshotTable.Listed::sequenceNumber))
                .hasValue(20L);
        assertThat(snapshots.newest(log, 0, 30, 150).map(SnapshotTable.Listed::sequenceNumber))
                .hasValue(10L);
        assertThat(snapshots.newest(log, 0, 9, Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void aBatchOfTooManyEventsIsRefused() {
        assertThatThrownBy(() -> table.append(log, events("one", 1, 2_501)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a batch of 2501 events")
                .hasMessageContaining("2500 at most");
    }

    private List<Long> read(long first, long last) {
        List<Long> read = new ArrayList<>();
        table.read(log, first, last, event -> read.add(event.sequenceNumber()));
        return read;
    }

    private static List<Long> sequence(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    private static List<EventTable.Event> events(String writer, long first, long last) {
        return LongStream.rangeClosed(first, last)
                .mapToObj(number -> new EventTable.Event(
                        number, writer, 0, "", 1, "m", ByteBuffer.wrap(new byte[] {(byte) number})))
                .toList();
    }
}
