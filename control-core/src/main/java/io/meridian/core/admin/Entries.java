package io.meridian.core.admin;

import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;

/** The part of a sorted map that a page begins with. */
final class Entries {
    private Entries() {}

    /** Those after {@code key}; all without one. */
    static <T> Iterable<Map.Entry<String, T>> after(NavigableMap<String, T> entries, Optional<String> key) {
        return key.map(last -> entries.tailMap(last, false)).map(Map::entrySet).orElseGet(entries::entrySet);
    }
}
