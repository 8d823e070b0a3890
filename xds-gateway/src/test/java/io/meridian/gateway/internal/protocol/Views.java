package io.meridian.gateway.internal.protocol;

import com.google.protobuf.StringValue;
import io.meridian.compiler.ProxyView;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.EnumMap;
import java.util.Map;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** A mesh's view that tests change resource by resource; each change is a position. */
final class Views {
    private static final MeshId MESH = new MeshId("bookinfo");

    private Map<XdsType, PSortedMap<String, XdsResource>> resources = new EnumMap<>(XdsType.class);
    private long seq = 1;

    Views with(XdsType type, String name, String content) {
        seq++;
        XdsResource resource = XdsResource.of(type, name, StringValue.of(name + content), position());
        set(type, map(type).plus(name, resource));
        return this;
    }

    Views without(XdsType type, String name) {
        seq++;
        set(type, map(type).minus(name));
        return this;
    }

    /** A change that touches nothing here. */
    Views elsewhere() {
        seq++;
        return this;
    }

    /** A change to this map, which may be one that there was. */
    Views show(XdsType type, PSortedMap<String, XdsResource> map) {
        seq++;
        set(type, map);
        return this;
    }

    private void set(XdsType type, PSortedMap<String, XdsResource> map) {
        Map<XdsType, PSortedMap<String, XdsResource>> next = new EnumMap<>(XdsType.class);
        next.putAll(resources);
        next.put(type, map);
        resources = next;
    }

    PSortedMap<String, XdsResource> map(XdsType type) {
        return resources.getOrDefault(type, TreePMap.empty());
    }

    String version(XdsType type, String name) {
        XdsResource resource = map(type).get(name);
        return resource == null ? "" : resource.version();
    }

    Position position() {
        return new Position(MESH, new Epoch(65), seq);
    }

    ProxyView view() {
        return new ProxyView(position(), resources);
    }
}
