package io.meridian.gateway.internal.protocol;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one response has to say. Immutable, compared by identity; shared by all streams that have to be told the same, and remembers the
 * response that was made of it.
 */
final class Batch {
    private final XdsType type;
    private final List<XdsResource> resources;
    private final List<String> removed;
    private final List<String> changed;
    private final List<String> told;
    /** Of the streams that come to it first; others find it. */
    private volatile @Nullable Outgoing response;

    /** {@code changed}: those of the resources that the client did not hold in that version. */
    Batch(XdsType type, List<XdsResource> resources, List<String> removed, List<String> changed) {
        this.type = type;
        this.resources = List.copyOf(resources);
        this.removed = List.copyOf(removed);
        this.changed = List.copyOf(changed);
        List<String> names = new ArrayList<>(removed);
        resources.forEach(resource -> names.add(resource.name()));
        told = List.copyOf(names);
    }

    XdsType type() {
        return type;
    }

    List<XdsResource> resources() {
        return resources;
    }

    List<String> removed() {
        return removed;
    }

    List<String> changed() {
        return changed;
    }

    /** Names of all that it tells of. */
    List<String> told() {
        return told;
    }

    @Nullable
    Outgoing response() {
        return response;
    }

    void response(Outgoing made) {
        response = made;
    }
}
