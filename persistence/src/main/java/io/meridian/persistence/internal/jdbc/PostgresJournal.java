package io.meridian.persistence.internal.jdbc;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.InventoryStore;
import io.meridian.persistence.Journal;
import io.meridian.persistence.LogReader;
import io.meridian.persistence.internal.Passwords;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Logs and inventory in one database of a PostgreSQL server, one region's own. */
public final class PostgresJournal implements Journal {
    private static final String SLICK = "pekko-persistence-jdbc.shared-databases.slick.db.";
    private static final Pattern SECRET_IN_URL = Pattern.compile("[?&](password|user)=|//[^/]*@");

    private final PostgresDatabase database;
    private final int connections;

    private PostgresJournal(PostgresDatabase database, int connections) {
        this.database = database;
        this.connections = connections;
    }

    /**
     * @param path of {@code config}, for messages
     * @throws ConfigException for what cannot be, with the key
     */
    public static PostgresJournal of(Config config, String path) {
        String url = config.getString("url");
        if (!url.startsWith("jdbc:postgresql:")) {
            throw new ConfigException.BadValue(
                    path + ".url", "must be like jdbc:postgresql://HOST:5432/DATABASE, is '" + url + "'");
        }
        if (SECRET_IN_URL.matcher(url).find()) {
            throw new ConfigException.BadValue(
                    path + ".url", "must not hold user or password; they have keys of their own");
        }
        int connections = config.getInt("connections");
        if (connections < 1) {
            throw new ConfigException.BadValue(path + ".connections", "must be positive: " + connections);
        }
        return new PostgresJournal(
                new PostgresDatabase(url, config.getString("user"), Passwords.read(config, path)), connections);
    }

    @Override
    public Config actorSettings() {
        Map<String, Object> own = new HashMap<>();
        own.put(SLICK + "url", database.url());
        own.put(SLICK + "user", database.user());
        own.put(SLICK + "password", database.password());
        own.put(SLICK + "connectionInitSql", PostgresDatabase.INIT);
        PostgresDatabase.PROPERTIES.forEach((key, value) -> own.put(SLICK + "properties." + key, value));
        own.put(SLICK + "numThreads", connections);
        own.put(SLICK + "maxConnections", connections);
        own.put("jdbc-journal.parallelism", connections);
        return ConfigFactory.parseMap(own, "PostgreSQL journal")
                .withFallback(ConfigFactory.parseResources("meridian/journal-postgresql.conf"));
    }

    @Override
    public void prepare(RegionId region) {
        PostgresSchema.prepare(database, region);
    }

    @Override
    public boolean isRemote() {
        return true;
    }

    @Override
    public LogReader reader(int readers) {
        return new LogReader(new JdbcRows(database, readers));
    }

    @Override
    public InventoryStore inventory() {
        return new JdbcInventoryStore(database);
    }

    @Override
    public String toString() {
        return "postgresql " + database;
    }
}
