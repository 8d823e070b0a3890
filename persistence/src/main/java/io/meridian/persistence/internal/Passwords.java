package io.meridian.persistence.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The keys {@code password} and {@code password-file}, of which one may be given. */
public final class Passwords {
    private Passwords() {}

    /**
     * Empty if neither is given.
     *
     * @param path of {@code config}, for messages
     * @throws ConfigException if both are, or the file cannot be read
     */
    public static String read(Config config, String path) {
        String password = config.getString("password");
        String file = config.getString("password-file");
        if (file.isBlank()) {
            return password;
        }
        if (!password.isEmpty()) {
            throw new ConfigException.BadValue(path + ".password-file", "is given beside " + path + ".password");
        }
        try {
            return Files.readString(Path.of(file), UTF_8).strip();
        } catch (IOException e) {
            throw new ConfigException.BadValue(path + ".password-file", "cannot be read: " + e, e);
        }
    }
}
