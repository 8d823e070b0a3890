package io.meridian.cli.context;

import org.jspecify.annotations.Nullable;

/** A place that a person works with; either part may be missing. */
public record Context(@Nullable String server, @Nullable String mesh) {
    public static final Context EMPTY = new Context(null, null);
}
