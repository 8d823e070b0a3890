package io.meridian.cli.verb;

import io.meridian.api.admin.v1.Resource;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.ProtoTree;
import io.meridian.cli.text.Times;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A resource in Kubernetes' shape, for JSON, and with the position that last changed it. */
final class ResourceTree {
    private ResourceTree() {}

    static Map<String, @Nullable Object> of(Resource resource) {
        Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
        metadata.put("name", resource.getKey().getName());
        metadata.put("namespace", resource.getKey().getNamespace());
        if (!resource.getLabelsMap().isEmpty()) {
            metadata.put("labels", new TreeMap<>(resource.getLabelsMap()));
        }
        if (!resource.getAnnotationsMap().isEmpty()) {
            metadata.put("annotations", new TreeMap<>(resource.getAnnotationsMap()));
        }
        metadata.put("uid", resource.getUid());
        metadata.put("generation", resource.getGeneration());
        metadata.put("creationTimestamp", Times.rfc3339(resource.getCreateTime()));
        metadata.put("resourceVersion", Positions.text(resource.getModified()));
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("apiVersion", resource.getApiVersion());
        tree.put("kind", resource.getKey().getKind());
        tree.put("metadata", metadata);
        tree.put("spec", ProtoTree.struct(resource.getSpec()));
        return tree;
    }
}
