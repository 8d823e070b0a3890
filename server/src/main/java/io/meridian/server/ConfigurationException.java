package io.meridian.server;

import java.io.Serial;

/** The configuration cannot be used. The message names the key, and says what is allowed. */
final class ConfigurationException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    ConfigurationException(String message) {
        super(message);
    }
}
