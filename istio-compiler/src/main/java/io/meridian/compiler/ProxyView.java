package io.meridian.compiler;

import io.meridian.model.position.Position;
import java.util.Map;
import org.pcollections.PSortedMap;

/**
 * Everything that one group of proxies is to hold at a position. Proxies whose scope yields the same share the same instance. Immutable.
 *
 * <p>Per type a map by name; types that nothing is served of have an empty map. Endpoint assignments and route configurations are those
 * that the clusters and listeners refer to; a stream is sent the ones that it asks for.
 */
public record ProxyView(Position position, Map<XdsType, PSortedMap<String, XdsResource>> resources) {
    public ProxyView {
        resources = Map.copyOf(resources);
    }
}
