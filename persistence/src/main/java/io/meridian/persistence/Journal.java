package io.meridian.persistence;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.internal.cassandra.CassandraJournal;
import io.meridian.persistence.internal.jdbc.PostgresJournal;
import io.meridian.persistence.internal.jdbc.SqliteJournal;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where one region keeps its logs and its inventory. An actor system writes the logs through Pekko's plugin with {@link #actorSettings}; everything
 * else reads what is durable by a {@link LogReader}. Thread-safe.
 *
 * <p>Every journal promises the same: an acknowledged write survives the death of the process, a batch is stored whole or not at all, and two events are
 * never stored at one place of a log (what a second writer is stopped by).
 */
public interface Journal {
    /** The key of the settings; explained in this module's reference.conf. */
    String PATH = "meridian.journal";

    /**
     * As {@value #PATH} says.
     *
     * @param config with the reference under it, resolved
     * @param dataDirectory where an embedded journal lives
     * @throws ConfigException for what cannot be, with the key
     */
    static Journal of(Config config, Path dataDirectory) {
        Config journal = config.getConfig(PATH);
        String kind = journal.getString("kind");
        return switch (kind) {
            case "sqlite" -> new SqliteJournal(dataDirectory);
            case "postgresql" -> PostgresJournal.of(journal.getConfig("postgresql"), PATH + ".postgresql");
            case "cassandra" -> CassandraJournal.of(journal.getConfig("cassandra"));
            default ->
                throw new ConfigException.BadValue(
                        PATH + ".kind",
                        "'" + kind + "' is none of " + new TreeSet<>(Set.of("sqlite", "postgresql", "cassandra")));
        };
    }

    /** As above, from settings that are still to be laid over the reference. System properties win. */
    static Journal configured(Config overrides, Path dataDirectory) {
        return of(
                ConfigFactory.defaultOverrides()
                        .withFallback(overrides)
                        .withFallback(ConfigFactory.defaultReferenceUnresolved())
                        .withOnlyPath(PATH)
                        .resolve(),
                dataDirectory);
    }

    /** The settings by which an actor system's journal and snapshots live here; to be laid over {@link ConfigFactory#load}. May hold a password. */
    Config actorSettings();

    /** Whether processes can write it that the data directory's lock does not keep off. */
    boolean isRemote();

    /**
     * Creates what is missing, and brings what an earlier version made up to date. Blocks. To be called before the actor system writes its first event.
     *
     * @param region whose journal it is; recorded at the first time if several regions could reach it
     * @throws LogDamagedException if what is there is no sound journal
     * @throws JournalUnavailableException if it cannot be reached
     * @throws IllegalStateException if it is another region's, or cannot keep the promises above
     */
    void prepare(RegionId region);

    /** {@code connections}: how many reads may run at once where each takes a connection; more wait. */
    LogReader reader(int connections);

    /** Blocks while it opens; throws as {@link #prepare}. */
    InventoryStore inventory();

    /** For people: what and where, without secrets. */
    @Override
    String toString();
}
