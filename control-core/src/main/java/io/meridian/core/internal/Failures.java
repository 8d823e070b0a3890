package io.meridian.core.internal;

import io.meridian.persistence.LogDamagedException;

/** What to tell people of an exception that Pekko wrapped. */
final class Failures {
    private Failures() {}

    /** The message of a damaged log wherever it is among the causes, since it names the position; else the innermost cause's. */
    static String reason(Throwable failure) {
        Throwable innermost = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof LogDamagedException damaged && damaged.getMessage() != null) {
                return damaged.getMessage();
            }
            innermost = cause;
        }
        String message = innermost.getMessage();
        return message == null ? innermost.getClass().getName() : message;
    }
}
