package io.meridian.model.resource;

import java.util.Comparator;

/**
 * A namespaced Istio object's identity. The API version is not part of it: v1 and v1beta1 name the same object.
 *
 * @param group "networking.istio.io", ...
 * @param kind "VirtualService", ...
 */
public record ResourceKey(String group, String kind, String namespace, String name) implements Comparable<ResourceKey> {
    private static final Comparator<ResourceKey> ORDER = Comparator.comparing(ResourceKey::group)
            .thenComparing(ResourceKey::kind)
            .thenComparing(ResourceKey::namespace)
            .thenComparing(ResourceKey::name);

    public static ResourceKey of(io.meridian.api.type.v1.ResourceKey proto) {
        return new ResourceKey(proto.getGroup(), proto.getKind(), proto.getNamespace(), proto.getName());
    }

    public io.meridian.api.type.v1.ResourceKey toProto() {
        return io.meridian.api.type.v1.ResourceKey.newBuilder()
                .setGroup(group)
                .setKind(kind)
                .setNamespace(namespace)
                .setName(name)
                .build();
    }

    @Override
    public int compareTo(ResourceKey other) {
        return ORDER.compare(this, other);
    }

    /** "VirtualService default/reviews", as messages name it. */
    @Override
    public String toString() {
        return kind + " " + namespace + "/" + name;
    }
}
