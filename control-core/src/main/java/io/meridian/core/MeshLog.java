package io.meridian.core;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Reads the logs of this region, whoever wrote them: home and replica alike. Thread-safe.
 *
 * <p>How to follow a log without losing or buffering anything: {@link #watchHead}, and at each call {@link #read} from what one has.
 */
public interface MeshLog {
    /** The durable head; {@link Head#empty} for an unknown mesh. */
    CompletionStage<Head> head(MeshId mesh, Duration timeout);

    /**
     * Events after {@code afterSeq}, ascending, without gaps, of the current branch, across segments.
     *
     * @param max at most so many, and at most about 1 MiB of them, but at least one if there is one
     * @return empty if there is none (yet)
     */
    CompletionStage<List<EventEnvelope>> read(MeshId mesh, long afterSeq, int max);

    /**
     * Where the current branch stands and which segments it has; read from the journal.
     *
     * @return of an unknown mesh: {@link Head#empty} and {@link Lineage#EMPTY}
     */
    CompletionStage<Branch> branch(MeshId mesh);

    /** {@code lineage}: of the branch that ends with {@code head}. */
    record Branch(Head head, Lineage lineage) {}

    /** The highest epoch that this region durably promised to, as last known; {@link Epoch#NONE} if none. Never blocks. */
    Epoch promised(MeshId mesh);

    /** Whether this region keeps the log of {@code mesh}: it is one of its members, as far as it knows. Never blocks. */
    default boolean follows(MeshId mesh) {
        return true;
    }

    /**
     * Tells the durable head now and at each change of it or of {@link #promised}, from an arbitrary thread, coalescing. Survives the entity's moves and restarts. The
     * listener must not block.
     */
    Subscription watchHead(MeshId mesh, Consumer<Head> listener);

    /** Every mesh that this region has a log of, at once and at each change. The listener must not block. */
    Subscription watchMeshes(Consumer<Set<MeshId>> listener);

    /** Ends a watch; idempotent. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
