package io.meridian.model.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.resource.Resource;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** The objects of a state as Kubernetes would show them: maps with apiVersion, kind, metadata and spec. */
public final class StateObjects {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String API_VERSION = "meridian.io/v1";

    /** Whether the seq of its last change is shown: a fact about the log, not about the object. */
    enum Version {
        SHOWN,
        HIDDEN
    }

    private StateObjects() {}

    /** A resource with {@code metadata.resourceVersion}, the seq of its last change. */
    public static Map<String, Object> of(Resource resource) {
        return of(resource, Version.SHOWN);
    }

    static Map<String, Object> of(Resource resource, Version version) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", resource.key().name());
        metadata.put("namespace", resource.key().namespace());
        putMap(metadata, "labels", resource.labels());
        putMap(metadata, "annotations", resource.annotations());
        metadata.put("uid", resource.uid());
        metadata.put("creationTimestamp", resource.created().toString());
        metadata.put("generation", resource.generation());
        putVersion(metadata, resource.modifiedSeq(), version);
        return object(resource.apiVersion(), resource.key().kind(), metadata, json(resource.spec()));
    }

    static Map<String, Object> mesh(MeshState state, Version version) {
        Map<String, Object> metadata = metadata(state.id().value(), state.created(), state.meshModifiedSeq(), version);
        metadata.put("uid", state.uid());
        return object(API_VERSION, "Mesh", metadata, ProtoTree.of(state.spec()));
    }

    static Map<String, Object> namespace(String name, MeshState.Entry<NamespaceSpec> entry, Version version) {
        Map<String, Object> metadata = metadata(name, entry.created(), entry.modifiedSeq(), version);
        putMap(metadata, "labels", entry.spec().getLabelsMap());
        putMap(metadata, "annotations", entry.spec().getAnnotationsMap());
        return object("v1", "Namespace", metadata, Map.of());
    }

    static Map<String, Object> entry(
            String kind, String name, MeshState.Entry<? extends Message> entry, Version version) {
        Map<String, Object> metadata = metadata(name, entry.created(), entry.modifiedSeq(), version);
        return object(API_VERSION, kind, metadata, ProtoTree.of(entry.spec()));
    }

    private static Map<String, Object> metadata(String name, Instant created, long modifiedSeq, Version version) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", name);
        metadata.put("creationTimestamp", created.toString());
        putVersion(metadata, modifiedSeq, version);
        return metadata;
    }

    private static void putVersion(Map<String, Object> metadata, long modifiedSeq, Version version) {
        switch (version) {
            case SHOWN -> metadata.put("resourceVersion", Long.toString(modifiedSeq));
            case HIDDEN -> {}
        }
    }

    private static void putMap(Map<String, Object> metadata, String name, Map<String, String> values) {
        if (!values.isEmpty()) {
            metadata.put(name, new TreeMap<>(values));
        }
    }

    private static Map<String, Object> object(
            String apiVersion, String kind, Map<String, Object> metadata, Object spec) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("apiVersion", apiVersion);
        object.put("kind", kind);
        object.put("metadata", metadata);
        if (!(spec instanceof Map<?, ?> fields && fields.isEmpty())) {
            object.put("spec", spec);
        }
        return object;
    }

    private static Object json(ByteString spec) {
        try {
            return JSON.readValue(spec.toStringUtf8(), Object.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored spec is not JSON", e);
        }
    }
}
