package io.meridian.gateway.internal.protocol;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What clients said they hold, one object for each content: a thousand that come back after a gateway was lost say the same. Cleared when
 * nobody comes any more. Thread-safe.
 */
final class HoldsSets {
    /** Contents of so many names in all are remembered. */
    private static final int MOST_NAMES = 100_000;

    private final ConcurrentHashMap<Map<String, String>, Step.Holds> known = new ConcurrentHashMap<>();
    private final AtomicInteger names = new AtomicInteger();

    /** {@code versions} must not change any more. */
    Step.Holds of(Map<String, String> versions) {
        Step.Holds found = known.get(versions);
        if (found != null) {
            return found;
        }
        if (names.addAndGet(versions.size() + 1) > MOST_NAMES) {
            clear();
        }
        return known.computeIfAbsent(versions, Step.Holds::new);
    }

    void clear() {
        names.set(0);
        known.clear();
    }
}
