package io.meridian.persistence;

import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.model.position.MeshId;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Inventory records, the newest of each key, apart from the journal's events: they are neither audited nor ordered with them, and their commits
 * must not wait for theirs. Blocks; not thread-safe, its owner calls it from one thread. Other nodes of the region may have the same one open.
 *
 * <p>All methods throw {@link LogDamagedException} if what is stored cannot be read, {@link JournalUnavailableException} if the database does not answer.
 */
public interface InventoryStore extends AutoCloseable {
    /** Records of one cluster. */
    record Changed(MeshId mesh, String cluster, List<InventoryRecord> records) {}

    /** What is behind a mark, and the next mark. */
    record Changes(List<Changed> changed, long mark) {}

    /**
     * Gives the next stamp to {@code stamping} and stores what it makes of it: no two nodes of a region ever store by the same stamp. All or none in
     * an SQL database; in Cassandra some may be stored after a failure.
     *
     * @param wallMillis since 1970
     * @param stamping may be asked again with a later stamp
     * @return what was stored, after the durable commit
     */
    List<InventoryRecord> stampAndStore(
            MeshId mesh, String cluster, long wallMillis, LongFunction<List<InventoryRecord>> stamping);

    /** Stores records that have stamps, unless newer ones are there. All or none, as above. */
    void store(MeshId mesh, String cluster, List<InventoryRecord> records);

    void forget(MeshId mesh, String cluster);

    /** Everything stored behind {@code mark}, by whichever node, perhaps more of the same clusters; 0 for everything there is. */
    Changes changedAfter(long mark);

    @Override
    void close();
}
