package io.meridian.compiler.internal.graph;

import com.google.protobuf.ByteString;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Hash-conses resources, and maps of them: equal bytes under a name are one object, as long as someone holds it. The position that a resource was compiled
 * from is known here alone, so that no query can depend on it.
 */
final class ResourcePool {
    private final Map<Key, WeakReference<XdsResource>> resources = new HashMap<>();
    private final Map<Object, WeakReference<Object>> values = new WeakHashMap<>();
    private Position position;

    private record Key(XdsType type, String name, ByteString message) {}

    ResourcePool(Position start) {
        this.position = start;
    }

    void advance(Position now) {
        position = now;
    }

    XdsResource get(XdsType type, String name, ByteString message) {
        Key key = new Key(type, name, message);
        WeakReference<XdsResource> known = resources.get(key);
        XdsResource held = known == null ? null : known.get();
        if (held != null) {
            return held;
        }
        XdsResource made = XdsResource.of(type, name, message, position);
        resources.put(key, new WeakReference<>(made));
        return made;
    }

    // An equal object of the same class stands in for it.
    @SuppressWarnings("unchecked")
    <V> V shared(V value) {
        WeakReference<Object> known = values.get(value);
        Object held = known == null ? null : known.get();
        if (held != null) {
            return (V) held;
        }
        values.put(value, new WeakReference<>(value));
        return value;
    }

    void trim() {
        resources.values().removeIf(reference -> reference.get() == null);
    }
}
