package io.meridian.persistence.internal.cassandra;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.InventoryStore;
import io.meridian.persistence.Journal;
import io.meridian.persistence.LogReader;

/** Logs and inventory in one keyspace of a Cassandra cluster, one region's own. The plugins of the actor system have a session of their own. */
public final class CassandraJournal implements Journal {
    private final CassandraSettings settings;
    private final SharedSession session;

    private CassandraJournal(CassandraSettings settings) {
        this.settings = settings;
        session = new SharedSession(settings);
    }

    /**
     * @param config of {@code meridian.journal.cassandra}, with the reference under it
     * @throws ConfigException for what cannot be, with the key
     */
    public static CassandraJournal of(Config config) {
        return new CassandraJournal(CassandraSettings.of(config));
    }

    /** The plugins read {@code meridian.journal.cassandra} themselves. */
    @Override
    public Config actorSettings() {
        return ConfigFactory.parseResources("meridian/journal-cassandra.conf");
    }

    @Override
    public boolean isRemote() {
        return true;
    }

    @Override
    public void prepare(RegionId region) {
        CassandraSchema.prepare(settings, region);
    }

    /** The session has a few connections to each node, and each takes many questions at once. */
    @Override
    public LogReader reader(int connections) {
        return new LogReader(new CassandraRows(session.use()));
    }

    @Override
    public InventoryStore inventory() {
        return new CassandraInventoryStore(session.use());
    }

    @Override
    public String toString() {
        return "cassandra " + settings;
    }
}
