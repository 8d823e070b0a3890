package io.meridian.gateway.internal.registry;

import io.meridian.model.position.Position;
import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A response that a client refused. Immutable.
 *
 * @param position what was compiled when the response went; null if nothing was
 * @param version version_info or system_version_info
 * @param message the client's words, shortened
 * @param resources those that the message names, or else all of the response; at most {@link StreamLog#MOST_RESOURCES}
 * @param moreResources how many there are beyond these
 * @param causes null until they have been looked up
 */
public record Refusal(
        @Nullable Position position,
        String version,
        String message,
        List<Resource> resources,
        int moreResources,
        Instant at,
        @Nullable Causes causes) {
    public Refusal {
        resources = List.copyOf(resources);
    }

    /** {@code compiledFrom}: the position at which these bytes first were; null of a removal. */
    public record Resource(
            String name, String version, @Nullable Position compiledFrom) {}

    /**
     * What the resources were made of.
     *
     * @param objects the last changed first
     * @param event that led to the refused bytes; null if the response had no bytes
     */
    public record Causes(List<Cause> objects, @Nullable Position event) {
        public static final Causes NONE = new Causes(List.of(), null);

        public Causes {
            objects = List.copyOf(objects);
        }
    }

    /** {@code modified}: the event that last changed the object. */
    public record Cause(ResourceKey object, Position modified) {}

    public Refusal withCauses(Causes found) {
        return new Refusal(position, version, message, resources, moreResources, at, found);
    }
}
