package io.meridian.gateway.internal.rollout;

import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.ProxyView;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.registry.Refusal;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** A group's configuration that tests change resource by resource: a text, and the names of what it refers to. */
final class Configs {
    static final MeshId MESH = new MeshId("bookinfo");

    private Map<XdsType, PSortedMap<String, XdsResource>> resources = Map.of();
    /** What each refers to. */
    private final Map<XdsType, Map<String, List<String>>> references = new EnumMap<>(XdsType.class);

    static Position at(long seq) {
        return new Position(MESH, new Epoch(65), seq);
    }

    static XdsResource resource(XdsType type, String name, String text, String... references) {
        ListValue.Builder content = ListValue.newBuilder()
                .addValues(Value.newBuilder().setStringValue(name))
                .addValues(Value.newBuilder().setStringValue("content " + text));
        List.of(references)
                .forEach(reference -> content.addValues(Value.newBuilder().setStringValue(reference)));
        return XdsResource.of(type, name, content.build(), at(1));
    }

    Configs with(XdsType type, String name, String text, String... references) {
        PSortedMap<String, XdsResource> map = resources.getOrDefault(type, TreePMap.empty());
        set(type, map.plus(name, resource(type, name, text, references)));
        this.references.computeIfAbsent(type, t -> new TreeMap<>()).put(name, List.of(references));
        return this;
    }

    Configs without(XdsType type, String name) {
        set(type, resources.getOrDefault(type, TreePMap.empty()).minus(name));
        return this;
    }

    private void set(XdsType type, PSortedMap<String, XdsResource> map) {
        Map<XdsType, PSortedMap<String, XdsResource>> next = new EnumMap<>(XdsType.class);
        next.putAll(resources);
        next.put(type, map);
        resources = Map.copyOf(next);
    }

    Map<XdsType, PSortedMap<String, XdsResource>> resources() {
        return resources;
    }

    List<String> referencesOf(XdsType type, String name) {
        return references.getOrDefault(type, Map.of()).getOrDefault(name, List.of());
    }

    ProxyView view(long seq) {
        return new ProxyView(at(seq), resources);
    }

    static Proxy proxy(String node) {
        return new Proxy(
                node,
                Proxy.Type.SIDECAR,
                List.of(),
                node,
                "default",
                "",
                "",
                "",
                "",
                Map.of(),
                Proxy.InterceptionMode.REDIRECT,
                "",
                "");
    }

    static Refusal refusal(String message) {
        return new Refusal(at(1), "1", message, List.of(), 0, Instant.EPOCH, null);
    }

    /** A node id on that side of half of all. */
    static String node(boolean canary, int number) {
        for (int i = 0; ; i++) {
            String node = "proxy-" + number + "-" + i;
            if ((RolloutPolicy.percentile(node) < 50) == canary) {
                return node;
            }
        }
    }
}
