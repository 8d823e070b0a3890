package io.meridian.core.admin;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import io.meridian.api.admin.v1.Cluster;
import io.meridian.api.admin.v1.IngressGateway;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.Namespace;
import io.meridian.api.admin.v1.Resource;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.api.type.v1.Position;
import io.meridian.model.history.StateYaml;
import io.meridian.model.istio.IstioKinds;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Parts of a state as the API shows them. */
final class Views {
    private Views() {}

    /** Without the state's hash, which costs a serialization of the whole state. */
    static Mesh.Builder mesh(MeshState state) {
        return Mesh.newBuilder()
                .setName(Names.of(state.id()))
                .setUid(state.uid())
                .setSpec(state.spec())
                .setCreateTime(timestamp(state.created()))
                .setHomeRegion(state.homeRegion())
                .setPosition(state.head().position().toProto())
                .setState(state.isActive() ? Mesh.State.ACTIVE : Mesh.State.DELETED)
                .setClusters(state.clusters().size())
                .setNamespaces(state.namespaces().size())
                .setIngressGateways(state.ingressGateways().size())
                .setResources(state.resources().size());
    }

    static Mesh meshWithHash(MeshState state) {
        return mesh(state).setStateHash(SnapshotCodec.stateHash(state).hex()).build();
    }

    /** {@code inventory}: of this cluster. */
    static Cluster cluster(
            MeshState state, String name, MeshState.Entry<ClusterSpec> entry, List<InventoryRecord> inventory) {
        return Cluster.newBuilder()
                .setName(Names.of(state.id(), "clusters", name))
                .setSpec(entry.spec())
                .setCreateTime(timestamp(entry.created()))
                .setModified(modified(state, entry.modifiedSeq()))
                .setServices((int) inventory.stream()
                        .filter(record -> record.getObject().hasService())
                        .count())
                .setWorkloads((int) inventory.stream()
                        .filter(record -> record.getObject().hasWorkload())
                        .count())
                .build();
    }

    static Namespace namespace(MeshState state, String name, MeshState.Entry<NamespaceSpec> entry) {
        return Namespace.newBuilder()
                .setName(Names.of(state.id(), "namespaces", name))
                .setSpec(entry.spec())
                .setCreateTime(timestamp(entry.created()))
                .setModified(modified(state, entry.modifiedSeq()))
                .build();
    }

    static IngressGateway ingressGateway(MeshState state, String name, MeshState.Entry<IngressGatewaySpec> entry) {
        return IngressGateway.newBuilder()
                .setName(Names.of(state.id(), "ingressGateways", name))
                .setSpec(entry.spec())
                .setCreateTime(timestamp(entry.created()))
                .setModified(modified(state, entry.modifiedSeq()))
                .build();
    }

    static Resource resource(MeshState state, io.meridian.model.resource.Resource resource) {
        return Resource.newBuilder()
                .setName(resourceName(state, resource.key()))
                .setKey(resource.key().toProto())
                .setApiVersion(resource.apiVersion())
                .putAllLabels(resource.labels())
                .putAllAnnotations(resource.annotations())
                .setSpec(struct(resource.spec()))
                .setUid(resource.uid())
                .setGeneration(resource.generation())
                .setCreateTime(timestamp(resource.created()))
                .setModified(modified(state, resource.modifiedSeq()))
                .setYaml(StateYaml.of(resource))
                .build();
    }

    static String resourceName(MeshState state, ResourceKey key) {
        String kind = IstioKinds.find(key.group(), key.kind())
                .map(IstioKinds.Kind::plural)
                .orElse(key.kind().toLowerCase(Locale.ROOT));
        return Names.of(state.id(), "namespaces", key.namespace()) + "/" + kind + "/" + key.name();
    }

    /** {@code json}: an object. */
    static Struct struct(ByteString json) {
        Struct.Builder struct = Struct.newBuilder();
        try {
            JsonFormat.parser().merge(json.toStringUtf8(), struct);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("what is stored is no JSON object", e);
        }
        return struct.build();
    }

    /** "LOCAL", "SYNC(2)". */
    static String durability(MeshState state) {
        int replicas = state.spec().getDurability().getSyncReplicas();
        return replicas == 0 ? "LOCAL" : "SYNC(" + replicas + ")";
    }

    static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    /**
     * The state knows the seq of a change only. Its epoch is that of the head if the change lies in the current segment, as far as is known
     * here; a reader compares seqs.
     */
    private static Position modified(MeshState state, long seq) {
        return state.head().position().toProto().toBuilder().setSeq(seq).build();
    }
}
