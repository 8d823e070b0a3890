package io.meridian.gateway.internal.feed;

/** A message that does not continue what is held, or whose bytes are not what they claim to be; a new snapshot has to be asked for. */
final class BrokenFeedException extends Exception {
    private static final long serialVersionUID = 1;

    BrokenFeedException(String message) {
        super(message);
    }

    BrokenFeedException(String message, Throwable cause) {
        super(message, cause);
    }
}
