package io.meridian.cli.demo;

/** The demo cannot go on; the message says what to do, for a person. */
public final class DemoException extends RuntimeException {
    public DemoException(String message) {
        super(message);
    }

    public DemoException(String message, Throwable cause) {
        super(message, cause);
    }
}
