package io.meridian.model.istio;

import java.util.List;
import java.util.Map;

/**
 * Changes of the headers of a request or a response, done in the order set, add, remove.
 *
 * @param set overwrites
 * @param add appends
 * @param remove names
 */
public record HeaderOperations(Map<String, String> set, Map<String, String> add, List<String> remove) {
    public static final HeaderOperations NONE = new HeaderOperations(Map.of(), Map.of(), List.of());

    /** For both directions. */
    public record Both(HeaderOperations request, HeaderOperations response) {
        public static final Both NONE = new Both(HeaderOperations.NONE, HeaderOperations.NONE);
    }

    public HeaderOperations {
        set = Ordered.copyOf(set);
        add = Ordered.copyOf(add);
        remove = List.copyOf(remove);
    }
}
