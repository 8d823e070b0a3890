package io.meridian.model.istio;

import com.google.protobuf.ByteString;
import io.meridian.model.istio.IstioSpecs.Parsed;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.util.LinkedHashMap;
import java.util.Map;

/** Remembers the newest parsed specs, since analysis sees the same ones again with every change. Thread-safe. */
final class ParsedSpecs {
    /** About 2 KiB each. */
    private static final int CAPACITY = 10_000;

    private final Map<CacheKey, Parsed> cache = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<CacheKey, Parsed> eldest) {
            return size() > CAPACITY;
        }
    };

    private record CacheKey(ResourceKey key, ByteString spec) {}

    Parsed get(Resource resource) {
        return get(resource.key(), resource.apiVersion(), resource.spec());
    }

    Parsed get(ResourceKey key, String apiVersion, ByteString spec) {
        CacheKey cacheKey = new CacheKey(key, spec);
        synchronized (cache) {
            Parsed known = cache.get(cacheKey);
            if (known != null) {
                return known;
            }
        }
        Parsed parsed = IstioSpecs.parse(key, apiVersion, spec);
        synchronized (cache) {
            cache.put(cacheKey, parsed);
        }
        return parsed;
    }
}
