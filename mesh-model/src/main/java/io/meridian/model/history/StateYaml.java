package io.meridian.model.history;

import io.meridian.model.history.StateObjects.Version;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.resource.Resource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/**
 * A state as YAML: the mesh, its clusters, namespaces, ingress gateways and Istio objects, one document each, each kind sorted by key.
 * Equal states give equal text.
 */
public final class StateYaml {
    private static final DumpSettings SETTINGS = DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setIndicatorIndent(0)
            .setWidth(1000)
            .build();

    private StateYaml() {}

    /** Empty for a mesh that is not there. */
    public static String of(MeshState state) {
        return String.join("---\n", texts(state, Version.SHOWN).values());
    }

    public static String of(Resource resource) {
        return yaml(StateObjects.of(resource));
    }

    /** By object name, in the order of the documents. */
    static Map<String, String> texts(MeshState state, Version version) {
        Map<String, String> texts = new LinkedHashMap<>();
        forEach(state, version, (name, object) -> texts.put(name, yaml(object)));
        return texts;
    }

    /** As {@link #of(MeshState)}, as values: by object name, in the same order. */
    public static Map<String, Map<String, Object>> objects(MeshState state) {
        Map<String, Map<String, Object>> objects = new LinkedHashMap<>();
        forEach(state, Version.SHOWN, objects::put);
        return objects;
    }

    private static void forEach(MeshState state, Version version, BiConsumer<String, Map<String, Object>> consumer) {
        if (!state.isActive()) {
            return;
        }
        consumer.accept(ObjectName.mesh(state.id().value()), StateObjects.mesh(state, version));
        state.clusters()
                .forEach((name, entry) ->
                        consumer.accept(ObjectName.cluster(name), StateObjects.entry("Cluster", name, entry, version)));
        state.namespaces()
                .forEach((name, entry) ->
                        consumer.accept(ObjectName.namespace(name), StateObjects.namespace(name, entry, version)));
        state.ingressGateways()
                .forEach((name, entry) -> consumer.accept(
                        ObjectName.ingressGateway(name), StateObjects.entry("IngressGateway", name, entry, version)));
        state.resources()
                .forEach((key, resource) -> consumer.accept(key.toString(), StateObjects.of(resource, version)));
    }

    private static String yaml(Map<String, Object> object) {
        return new Dump(SETTINGS).dumpToString(object);
    }
}
