package io.meridian.model.mesh;

import io.meridian.api.events.v1.MeshSnapshot;
import io.meridian.api.events.v1.ResourceObject;
import io.meridian.model.mesh.MeshEvent.ResourceChange;
import io.meridian.model.mesh.MeshEvent.ResourceDeleted;
import io.meridian.model.mesh.MeshEvent.ResourcePut;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;

/** Resources and their changes to and from the wire. Pure and stateless. */
public final class ResourceCodec {
    private ResourceCodec() {}

    public static io.meridian.api.events.v1.ResourceChange toProto(ResourceChange change) {
        var proto = io.meridian.api.events.v1.ResourceChange.newBuilder()
                .setKey(change.key().toProto());
        return switch (change) {
            case ResourceDeleted deleted -> proto.setDeleted(true).build();
            case ResourcePut put ->
                proto.setPut(ResourceObject.newBuilder()
                                .setApiVersion(put.apiVersion())
                                .putAllLabels(put.labels())
                                .putAllAnnotations(put.annotations())
                                .setSpec(put.spec())
                                .setUid(put.uid())
                                .setCreated(Timestamps.toProto(put.created()))
                                .setGeneration(put.generation()))
                        .build();
        };
    }

    /** Throws IllegalArgumentException where the change says neither what is stored nor that it is gone. */
    public static ResourceChange toChange(io.meridian.api.events.v1.ResourceChange proto) {
        ResourceKey key = ResourceKey.of(proto.getKey());
        return switch (proto.getChangeCase()) {
            case PUT -> {
                ResourceObject put = proto.getPut();
                yield new ResourcePut(
                        key,
                        put.getApiVersion(),
                        put.getLabelsMap(),
                        put.getAnnotationsMap(),
                        put.getSpec(),
                        put.getUid(),
                        Timestamps.toInstant(put.getCreated()),
                        put.getGeneration());
            }
            case DELETED -> new ResourceDeleted(key);
            case CHANGE_NOT_SET -> throw new IllegalArgumentException("the change of " + key + " is empty");
        };
    }

    public static MeshSnapshot.ResourceEntry toEntry(Resource resource) {
        return MeshSnapshot.ResourceEntry.newBuilder()
                .setKey(resource.key().toProto())
                .setObject(ResourceObject.newBuilder()
                        .setApiVersion(resource.apiVersion())
                        .putAllLabels(resource.labels())
                        .putAllAnnotations(resource.annotations())
                        .setSpec(resource.spec())
                        .setUid(resource.uid())
                        .setCreated(Timestamps.toProto(resource.created()))
                        .setGeneration(resource.generation()))
                .setModifiedSeq(resource.modifiedSeq())
                .build();
    }

    public static Resource toResource(MeshSnapshot.ResourceEntry entry) {
        ResourceObject object = entry.getObject();
        return new Resource(
                ResourceKey.of(entry.getKey()),
                object.getApiVersion(),
                object.getLabelsMap(),
                object.getAnnotationsMap(),
                object.getSpec(),
                object.getUid(),
                Timestamps.toInstant(object.getCreated()),
                object.getGeneration(),
                entry.getModifiedSeq());
    }

    /** What is stored once {@code put} stands in the log at {@code seq}. */
    static Resource stored(ResourcePut put, long seq) {
        return new Resource(
                put.key(),
                put.apiVersion(),
                put.labels(),
                put.annotations(),
                put.spec(),
                put.uid(),
                put.created(),
                put.generation(),
                seq);
    }
}
