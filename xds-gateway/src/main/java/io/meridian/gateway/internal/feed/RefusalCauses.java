package io.meridian.gateway.internal.feed;

import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.registry.Refusal;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.Position;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the objects and the event behind a refused response. Confined to the mesh's thread.
 *
 * <p>The event: a resource's bytes first came with the image at {@code compiledFrom}, which covers the events since the image before it
 * (those that came within the debounce). Of these it is the last that changed one of the objects which the resource is made of; where none
 * did (an object was deleted, or the inventory changed), it is the last of them all. The first image that was compiled here covers all
 * that precedes it, so there only an object can tell.
 */
final class RefusalCauses {
    /** Images whose predecessor is remembered. */
    private static final int MOST_IMAGES = 256;
    /** Many proxies refuse the same: what is remembered of it. */
    private static final int MOST_REMEMBERED = 256;
    /** Resources that are looked into of one refusal. */
    private static final int MOST_LOOKED_INTO = 8;

    private final Deque<Position> images = new ArrayDeque<>();
    private final Map<Known, Set<ResourceKey>> known = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Known, Set<ResourceKey>> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };

    private record Known(XdsType type, String name, String version) {}

    /** The image at {@code position} was compiled. */
    void compiled(Position position) {
        if (position.equals(images.peekLast())) {
            return;
        }
        images.add(position);
        if (images.size() > MOST_IMAGES) {
            images.remove();
        }
    }

    /** {@code sources}: the objects that a resource of this name is made of. */
    Refusal.Causes of(Refusal refusal, XdsType type, MeshState state, Function<String, Set<ResourceKey>> sources) {
        Set<ResourceKey> keys = new HashSet<>();
        @Nullable Position compiledFrom = null;
        for (Refusal.Resource resource :
                refusal.resources().stream().limit(MOST_LOOKED_INTO).toList()) {
            Position from = resource.compiledFrom();
            if (from == null) {
                continue;
            }
            compiledFrom = compiledFrom == null || compiledFrom.compareTo(from) < 0 ? from : compiledFrom;
            Known of = new Known(type, resource.name(), resource.version());
            Set<ResourceKey> found = known.get(of);
            if (found == null) {
                found = Set.copyOf(sources.apply(resource.name()));
                known.put(of, found);
            }
            keys.addAll(found);
        }
        List<Refusal.Cause> objects = new ArrayList<>();
        for (ResourceKey key : keys) {
            Resource resource = state.resources().get(key);
            if (resource != null) {
                objects.add(new Refusal.Cause(key, at(state, resource.modifiedSeq())));
            }
        }
        objects.sort(Comparator.comparingLong(
                        (Refusal.Cause cause) -> cause.modified().seq())
                .reversed()
                .thenComparing(Refusal.Cause::object));
        return new Refusal.Causes(objects, compiledFrom == null ? null : event(compiledFrom, objects));
    }

    private @Nullable Position event(Position compiledFrom, List<Refusal.Cause> objects) {
        long after = before(compiledFrom);
        Optional<Position> changed = objects.stream()
                .map(Refusal.Cause::modified)
                .filter(modified -> modified.seq() > after && modified.seq() <= compiledFrom.seq())
                .findFirst();
        return changed.map(modified -> new Position(compiledFrom.mesh(), compiledFrom.epoch(), modified.seq()))
                .orElse(after == 0 ? null : compiledFrom);
    }

    /** The seq of the image before; of the first image 0, since it covers all that precedes it. One that is forgotten is taken to cover one event. */
    private long before(Position compiledFrom) {
        long before = images.size() < MOST_IMAGES ? 0 : compiledFrom.seq() - 1;
        for (Position image : images) {
            if (image.seq() >= compiledFrom.seq()) {
                return before;
            }
            before = image.seq();
        }
        return before;
    }

    private static Position at(MeshState state, long seq) {
        Position head = state.head().position();
        return new Position(head.mesh(), head.epoch(), seq);
    }
}
