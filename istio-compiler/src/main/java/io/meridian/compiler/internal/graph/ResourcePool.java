package io.meridian.compiler.internal.graph;

import io.meridian.compiler.Fragment;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.Position;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hash-conses resources, and maps of them: equal content under a name is one object, as long as someone holds it. The position that a resource was
 * compiled from is known here alone, so that no query can depend on it.
 */
final class ResourcePool {
    private final Map<Object, Reference> entries = new HashMap<>();
    private final ReferenceQueue<Object> gone = new ReferenceQueue<>();
    private final Map<Object, WeakReference<Object>> values = new WeakHashMap<>();
    private Position position;

    /** The version is a hash that nobody can find two contents for; comparing the contents would cost more than making them. */
    private record ResourceKey(XdsType type, String name, String version) {}

    /** Objects by identity. */
    private static final class Parts {
        private final Class<?> use;
        private final List<?> parts;
        private final int hash;

        Parts(Class<?> use, List<?> parts) {
            this.use = use;
            this.parts = parts;
            int sum = use.hashCode();
            for (Object part : parts) {
                sum = 31 * sum + System.identityHashCode(part);
            }
            hash = sum;
        }

        @SuppressWarnings("ReferenceEquality")
        boolean has(Object value) {
            return parts.stream().anyMatch(part -> part == value);
        }

        @Override
        @SuppressWarnings("ReferenceEquality")
        public boolean equals(Object other) {
            if (!(other instanceof Parts that)
                    || that.hash != hash
                    || that.use != use
                    || that.parts.size() != parts.size()) {
                return false;
            }
            for (int i = 0; i < parts.size(); i++) {
                if (that.parts.get(i) != parts.get(i)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    private static final class Reference extends WeakReference<Object> {
        private final Object key;

        Reference(Object key, Object value, ReferenceQueue<Object> gone) {
            super(value, gone);
            this.key = key;
        }
    }

    ResourcePool(Position start) {
        this.position = start;
    }

    void advance(Position now) {
        position = now;
    }

    XdsResource get(XdsType type, String name, Fragment content) {
        ResourceKey key = new ResourceKey(type, name, content.version());
        if (held(key) instanceof XdsResource resource) {
            return resource;
        }
        XdsResource made = XdsResource.of(type, name, content, position);
        hold(key, made);
        return made;
    }

    /** The one value that was made of these very objects, in the same way; {@code make} is a function of them. */
    // What is made of the same parts has the same type.
    @SuppressWarnings("unchecked")
    <V> V madeOf(Class<?> way, List<?> parts, Supplier<V> make) {
        Parts key = new Parts(way, parts);
        Object held = held(key);
        if (held != null) {
            return (V) held;
        }
        V made = make.get();
        // What is one of its own parts would be held by its key for ever.
        if (!key.has(made)) {
            hold(key, made);
        }
        return made;
    }

    private @Nullable Object held(Object key) {
        Reference known = entries.get(key);
        return known == null ? null : known.get();
    }

    private void hold(Object key, Object value) {
        while (gone.poll() instanceof Reference reference) {
            entries.remove(reference.key, reference);
        }
        entries.put(key, new Reference(key, value, gone));
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
}
