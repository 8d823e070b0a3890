package io.meridian.gateway.internal.protocol;

/** A stream subscribed to more names than one stream may; it has to end. */
public final class TooManyNamesException extends Exception {
    private static final long serialVersionUID = 1;

    TooManyNamesException(int names, int limit) {
        super("subscribed to %d resource names; a stream may have %d".formatted(names, limit));
    }
}
