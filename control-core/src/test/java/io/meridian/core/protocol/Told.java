package io.meridian.core.protocol;

import java.util.HashMap;
import java.util.Objects;

/** Answers by token. */
final class Told<T> extends HashMap<Long, T> {
    private static final long serialVersionUID = 1;

    /** Fails if there was none. */
    T of(long token) {
        return Objects.requireNonNull(get(token), "no answer for " + token);
    }
}
