package io.meridian.gateway.conformance;

import com.google.protobuf.Message;
import io.meridian.compiler.MeshCompiler;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.ProxyView;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.model.image.ImageDelta;
import io.meridian.model.image.MeshImage;
import io.meridian.model.position.Position;
import io.meridian.model.resource.ResourceKey;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** A compiler that compiles nothing: every proxy gets the resources that were put here, from the next image on. Thread-safe. */
final class RawResources implements MeshCompiler {
    private final Map<XdsType, PSortedMap<String, XdsResource>> resources = new EnumMap<>(XdsType.class);
    private Position position;
    private @Nullable ProxyView view;

    RawResources(Position start) {
        position = start;
        clear();
    }

    synchronized void put(XdsType type, String name, Message message) {
        resources.merge(
                type,
                TreePMap.singleton(name, XdsResource.of(type, name, message, position)),
                (map, one) -> map.plusAll(one));
    }

    synchronized void remove(XdsType type, String name) {
        resources.computeIfPresent(type, (key, map) -> map.minus(name));
    }

    synchronized void clear() {
        for (XdsType type : XdsType.values()) {
            resources.put(type, TreePMap.empty());
        }
    }

    @Override
    public synchronized void update(MeshImage image, ImageDelta delta) {
        position = image.state().head().position();
        view = new ProxyView(position, resources);
    }

    @Override
    public synchronized ProxyView view(Proxy proxy) {
        ProxyView current = view;
        if (current == null) {
            throw new IllegalStateException("a view before the first image");
        }
        return current;
    }

    @Override
    public boolean regrouped() {
        return true;
    }

    @Override
    public Set<ResourceKey> sources(Proxy proxy, XdsType type, String name) {
        return Set.of();
    }

    @Override
    public void trim() {}
}
