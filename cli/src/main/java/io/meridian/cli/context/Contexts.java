package io.meridian.cli.context;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The context file's content.
 *
 * @param current the name of the one in use; null if none is
 */
public record Contexts(@Nullable String current, SortedMap<String, Context> byName) {
    public static final Contexts NONE = new Contexts(null, new TreeMap<>());

    public Contexts {
        byName = Collections.unmodifiableSortedMap(new TreeMap<>(byName));
    }

    public Contexts using(String name) {
        return new Contexts(name, byName);
    }

    /** The first one becomes the current one. */
    public Contexts with(String name, Context context) {
        SortedMap<String, Context> next = new TreeMap<>(byName);
        next.put(name, context);
        return new Contexts(current == null ? name : current, next);
    }

    public Contexts without(String name) {
        SortedMap<String, Context> next = new TreeMap<>(byName);
        next.remove(name);
        return new Contexts(name.equals(current) ? null : current, next);
    }

    public Context get(String name) {
        return ((Map<String, Context>) byName).getOrDefault(name, Context.EMPTY);
    }
}
