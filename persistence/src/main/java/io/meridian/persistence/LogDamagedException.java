package io.meridian.persistence;

/**
 * What is stored contradicts itself: a missing, changed or unreadable event or snapshot. The message names the position. Whoever meets it must
 * stop there: to go on would build on a state that never was.
 */
public final class LogDamagedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public LogDamagedException(String message) {
        super(message);
    }

    public LogDamagedException(String message, Throwable cause) {
        super(message, cause);
    }
}
