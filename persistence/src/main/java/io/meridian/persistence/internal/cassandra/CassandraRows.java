package io.meridian.persistence.internal.cassandra;

import io.meridian.persistence.JournalRows;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The rows of our own tables.
 *
 * <p>There is no order of commits over all logs. Instead each look at the intents is numbered, and a log is noted at a look if its intent is another one
 * than at the look before, or was not fulfilled then: what it intends may be committed since. A mark is the number of a look.
 */
final class CassandraRows implements JournalRows {
    /** What is known of a log. {@code noted}: the last look at which it may have changed. */
    private record Known(long intent, boolean fulfilled, long noted) {}

    private final SharedSession.Use use;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final EventTable events;
    private final IntentTable intents;
    private final SnapshotTable snapshots;
    /** Of {@code known} and {@code looks}; held while it looks. */
    private final ReentrantLock looking = new ReentrantLock();

    private final Map<String, Known> known = new HashMap<>();
    private long looks;

    /** {@code use} is ended with this. */
    CassandraRows(SharedSession.Use use) {
        this.use = use;
        events = new EventTable(use.session());
        intents = new IntentTable(use.session());
        snapshots = new SnapshotTable(use.session());
    }

    @Override
    public void events(String persistenceId, long first, long last, Taker taker) {
        refuseClosed();
        events.read(persistenceId, first, last, event -> taker.take(row(event)));
    }

    @Override
    public Optional<Row> last(String persistenceId) {
        refuseClosed();
        return Optional.ofNullable(events.last(persistenceId)).map(CassandraRows::row);
    }

    private static Row row(EventTable.Event event) {
        return new Row(event.sequenceNumber(), EventTable.array(event.payload()), event.manifest());
    }

    @Override
    public Optional<byte[]> snapshot(String persistenceId, long sequenceNumber) {
        refuseClosed();
        return snapshots
                .newest(persistenceId, 1, sequenceNumber, Long.MAX_VALUE)
                .map(listed -> snapshots.bytes(persistenceId, listed));
    }

    @Override
    public List<String> persistenceIds() {
        refuseClosed();
        return List.copyOf(intents.all().keySet());
    }

    @Override
    public long commitMark() {
        refuseClosed();
        looking.lock();
        try {
            look();
            return looks;
        } finally {
            looking.unlock();
        }
    }

    @Override
    public Set<String> changedSince(long mark) {
        refuseClosed();
        looking.lock();
        try {
            look();
            Set<String> changed = new HashSet<>();
            known.forEach((log, state) -> {
                if (state.noted() > mark) {
                    changed.add(log);
                }
            });
            return changed;
        } finally {
            looking.unlock();
        }
    }

    private void look() {
        Map<String, Long> now = intents.all();
        long number = looks + 1;
        now.forEach((log, intent) -> {
            Known before = known.get(log);
            if (before == null || before.intent() != intent || !before.fulfilled()) {
                known.put(log, new Known(intent, events.lastNumber(log, intent) >= intent, number));
            }
        });
        looks = number;
    }

    private void refuseClosed() {
        if (closed.get()) {
            throw new IllegalStateException("the reader of " + use + " is closed");
        }
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            use.close();
        }
    }
}
