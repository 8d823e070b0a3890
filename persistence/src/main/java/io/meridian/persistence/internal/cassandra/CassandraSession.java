package io.meridian.persistence.internal.cassandra;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.BatchStatement;
import com.datastax.oss.driver.api.core.cql.BatchType;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import io.meridian.persistence.JournalUnavailableException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Statements on the keyspace's tables, each with the consistency that its kind has. Blocks (virtual threads may); thread-safe.
 *
 * <p>Reads and writes are at LOCAL_QUORUM, so that a read sees every write that was acknowledged before it. Conditional writes are at LOCAL_SERIAL: of two
 * in one partition, one comes first. All methods throw {@link JournalUnavailableException} if there is no answer or a bad one: what was to be
 * written may then be there or not, and may even come to be there later.
 */
final class CassandraSession implements AutoCloseable {
    private final CassandraSettings settings;
    private final CqlSession session;
    private final Map<String, PreparedStatement> prepared = new ConcurrentHashMap<>();

    private CassandraSession(CassandraSettings settings, CqlSession session) {
        this.settings = settings;
        this.session = session;
    }

    static CassandraSession open(CassandraSettings settings) {
        return new CassandraSession(settings, connect(settings, settings.inKeyspace()));
    }

    /** @throws IllegalStateException if the cluster has no such data center */
    static CqlSession connect(CassandraSettings settings, CqlSessionBuilder builder) {
        CqlSession session = asking(settings, "be reached", builder::build);
        List<String> datacenters = session.getMetadata().getNodes().values().stream()
                .map(node -> String.valueOf(node.getDatacenter()))
                .distinct()
                .sorted()
                .toList();
        if (!datacenters.contains(settings.datacenter())) {
            session.close();
            throw new IllegalStateException(settings + " has no datacenter '" + settings.datacenter()
                    + "' (meridian.journal.cassandra.datacenter); there are " + datacenters);
        }
        return session;
    }

    /** Rows as they come, until {@code taker} wants no more; pages are fetched on the way. */
    void read(String cql, List<Object> values, Predicate<Row> taker) {
        BoundStatement statement = bind(cql, values).setIdempotent(true);
        asking("be read", () -> {
            for (Row row : session.execute(statement)) {
                if (!taker.test(row)) {
                    break;
                }
            }
            return true;
        });
    }

    /** All of them. */
    void each(String cql, List<Object> values, Consumer<Row> taker) {
        read(cql, values, row -> {
            taker.accept(row);
            return true;
        });
    }

    /** The first one. */
    @Nullable
    Row one(String cql, Object... values) {
        return one(cql, DefaultConsistencyLevel.LOCAL_QUORUM, values);
    }

    /** The first one, of one partition, after every conditional write of the partition that is under way was finished or will never happen. */
    @Nullable
    Row oneSerial(String cql, Object... values) {
        return one(cql, DefaultConsistencyLevel.LOCAL_SERIAL, values);
    }

    private @Nullable Row one(String cql, ConsistencyLevel level, Object... values) {
        BoundStatement statement =
                bind(cql, List.of(values)).setIdempotent(true).setConsistencyLevel(level);
        return asking("be read", () -> session.execute(statement).one());
    }

    /** A write that may be repeated. */
    void write(String cql, Object... values) {
        BoundStatement statement = bind(cql, List.of(values)).setIdempotent(true);
        asking("be written", () -> session.execute(statement));
    }

    /** Writes that may be repeated, all of one partition; all or none. */
    void write(List<BoundStatement> statements) {
        BatchStatement batch =
                BatchStatement.newInstance(BatchType.UNLOGGED, statements.toArray(BoundStatement[]::new));
        asking("be written", () -> session.execute(batch.setIdempotent(true)));
    }

    /**
     * Conditional writes, all of one partition; all or none.
     *
     * @return what the first condition met if one does not hold; null after the writes, durable
     */
    @Nullable
    Row conditionally(List<BoundStatement> statements) {
        ResultSet result = asking(
                "be written",
                () -> statements.size() == 1
                        ? session.execute(statements.getFirst())
                        : session.execute(BatchStatement.newInstance(
                                BatchType.UNLOGGED, statements.toArray(BoundStatement[]::new))));
        return result.wasApplied() ? null : result.one();
    }

    BoundStatement bind(String cql, List<Object> values) {
        PreparedStatement statement = prepared.get(cql);
        if (statement == null) {
            statement = asking("be used", () -> session.prepare(cql));
            prepared.put(cql, statement);
        }
        return statement.bind(values.toArray());
    }

    private <T extends @Nullable Object> T asking(String what, Supplier<T> work) {
        return asking(settings, what, work);
    }

    /** {@code what} cannot be done if it fails, "be read". */
    static <T extends @Nullable Object> T asking(CassandraSettings settings, String what, Supplier<T> work) {
        try {
            return work.get();
        } catch (DriverException e) {
            throw new JournalUnavailableException(settings + " cannot " + what + ": " + reason(e), e);
        }
    }

    /** With what each node said, which the driver's own message has only a part of. */
    private static String reason(DriverException e) {
        if (e instanceof com.datastax.oss.driver.api.core.AllNodesFailedException all
                && !all.getAllErrors().isEmpty()) {
            return all.getAllErrors().entrySet().stream()
                    .map(entry -> entry.getKey().getEndPoint() + ": "
                            + entry.getValue().getLast().getMessage())
                    .collect(Collectors.joining("; "));
        }
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    @Override
    public void close() {
        session.close();
    }
}
