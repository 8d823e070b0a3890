package io.meridian.persistence.internal.cassandra;

import com.datastax.oss.driver.api.core.cql.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How far each log was ever going to be written; raised durably before the write. So a look at these few rows tells other processes which logs may have
 * changed, even if the writer died right after its write. Blocks; thread-safe.
 *
 * <p>The number is its own timestamp too: of two, the higher one stays, whoever comes last.
 */
final class IntentTable {
    private static final int BUCKETS = 8;
    private static final String RAISE =
            "INSERT INTO log_intent (bucket, persistence_id, sequence_number) VALUES (?, ?, ?) USING TIMESTAMP ?";
    private static final String ONE = "SELECT sequence_number FROM log_intent WHERE bucket = ? AND persistence_id = ?";
    private static final String BUCKET = "SELECT persistence_id, sequence_number FROM log_intent WHERE bucket = ?";

    private final CassandraSession session;

    IntentTable(CassandraSession session) {
        this.session = session;
    }

    void raise(String log, long sequenceNumber) {
        session.write(RAISE, bucket(log), log, sequenceNumber, sequenceNumber);
    }

    /** Empty if nobody ever was going to write. */
    OptionalLong of(String log) {
        Row row = session.one(ONE, bucket(log), log);
        return row == null ? OptionalLong.empty() : OptionalLong.of(row.getLong("sequence_number"));
    }

    /** By persistence id. */
    Map<String, Long> all() {
        Map<String, Long> all = new HashMap<>();
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            session.each(
                    BUCKET,
                    List.of(bucket),
                    row -> all.put(EventTable.text(row, "persistence_id"), row.getLong("sequence_number")));
        }
        return all;
    }

    private static int bucket(String log) {
        return Math.floorMod(log.hashCode(), BUCKETS);
    }
}
