package io.meridian.persistence;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.Map;

/** The settings by which an actor system's journal and snapshots live in a data directory. */
public final class JournalConfig {
    private static final String JOURNAL_FILE = "journal.db";

    private JournalConfig() {}

    /** {@code meridian/journal.conf} for this directory; to be laid over {@link ConfigFactory#load}. */
    public static Config in(Path dataDirectory) {
        return ConfigFactory.parseMap(
                        Map.of("meridian.persistence.jdbc-url", Sqlite.url(file(dataDirectory))), "data directory")
                .withFallback(ConfigFactory.parseResourcesAnySyntax("meridian/journal.conf"));
    }

    /** The journal's file. */
    public static Path file(Path dataDirectory) {
        return dataDirectory.resolve(JOURNAL_FILE);
    }
}
