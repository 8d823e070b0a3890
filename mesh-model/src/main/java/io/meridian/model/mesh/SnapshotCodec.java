package io.meridian.model.mesh;

import com.google.protobuf.ByteString;
import io.meridian.api.events.v1.MeshSnapshot;
import io.meridian.api.type.v1.ClusterSpec;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.api.type.v1.NamespaceSpec;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.log.Lineage;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.resource.Resource;
import io.meridian.model.resource.ResourceKey;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/** A {@link MeshState} to and from {@link MeshSnapshot}. Equal states have equal snapshots, equal bytes and so equal hashes. */
public final class SnapshotCodec {
    private SnapshotCodec() {}

    public static MeshSnapshot toProto(MeshState state) {
        MeshSnapshot.Builder proto = MeshSnapshot.newBuilder()
                .setPosition(state.head().position().toProto())
                .setHeadHash(state.head().hash().bytes())
                .setLife(life(state.life()))
                .setUid(state.uid())
                .setSpec(state.spec())
                .setCreated(Timestamps.toProto(state.created()))
                .setHomeRegion(state.homeRegion())
                .setMeshModifiedSeq(state.meshModifiedSeq())
                .setSealed(state.sealed())
                .addAllLineage(state.lineage().toProto());
        state.handover()
                .ifPresent(handover -> proto.setHandoverTo(handover.toRegion()).setHandoverSeq(handover.startedSeq()));
        state.successor()
                .ifPresent(successor ->
                        proto.setSuccessorEpoch(successor.epoch().value()).setSuccessorRegion(successor.region()));
        state.branches().values().forEach(branch -> proto.addBranches(BranchCodec.toProto(branch)));
        state.membership().ifPresent(membership -> proto.setMembership(toProto(membership)));
        state.clusters()
                .forEach((name, entry) -> proto.addClusters(MeshSnapshot.ClusterEntry.newBuilder()
                        .setName(name)
                        .setSpec(entry.spec())
                        .setCreated(Timestamps.toProto(entry.created()))
                        .setModifiedSeq(entry.modifiedSeq())));
        state.namespaces()
                .forEach((name, entry) -> proto.addNamespaces(MeshSnapshot.NamespaceEntry.newBuilder()
                        .setName(name)
                        .setSpec(entry.spec())
                        .setCreated(Timestamps.toProto(entry.created()))
                        .setModifiedSeq(entry.modifiedSeq())));
        state.ingressGateways()
                .forEach((name, entry) -> proto.addIngressGateways(MeshSnapshot.IngressGatewayEntry.newBuilder()
                        .setName(name)
                        .setSpec(entry.spec())
                        .setCreated(Timestamps.toProto(entry.created()))
                        .setModifiedSeq(entry.modifiedSeq())));
        state.resources().values().forEach(resource -> proto.addResources(ResourceCodec.toEntry(resource)));
        for (AppliedCommands.Applied applied : state.applied().inOrder()) {
            proto.addAppliedCommands(MeshSnapshot.AppliedCommand.newBuilder()
                    .setCommandId(applied.commandId())
                    .setFingerprint(applied.fingerprint())
                    .setSeq(applied.position().seq())
                    .setEpoch(applied.position().epoch().value()));
        }
        return proto.build();
    }

    /** Throws IllegalArgumentException if it lacks a valid mesh name, a head hash or a life. */
    public static MeshState toState(MeshSnapshot proto) {
        Position position = Position.of(proto.getPosition());
        MeshId mesh = position.mesh();
        PSortedMap<String, MeshState.Entry<ClusterSpec>> clusters = TreePMap.empty();
        for (MeshSnapshot.ClusterEntry entry : proto.getClustersList()) {
            Instant created = Timestamps.toInstant(entry.getCreated());
            clusters = clusters.plus(
                    entry.getName(), new MeshState.Entry<>(entry.getSpec(), created, entry.getModifiedSeq()));
        }
        PSortedMap<String, MeshState.Entry<NamespaceSpec>> namespaces = TreePMap.empty();
        for (MeshSnapshot.NamespaceEntry entry : proto.getNamespacesList()) {
            Instant created = Timestamps.toInstant(entry.getCreated());
            namespaces = namespaces.plus(
                    entry.getName(), new MeshState.Entry<>(entry.getSpec(), created, entry.getModifiedSeq()));
        }
        PSortedMap<String, MeshState.Entry<IngressGatewaySpec>> gateways = TreePMap.empty();
        for (MeshSnapshot.IngressGatewayEntry entry : proto.getIngressGatewaysList()) {
            Instant created = Timestamps.toInstant(entry.getCreated());
            gateways = gateways.plus(
                    entry.getName(), new MeshState.Entry<>(entry.getSpec(), created, entry.getModifiedSeq()));
        }
        AppliedCommands applied = AppliedCommands.empty();
        for (MeshSnapshot.AppliedCommand command : proto.getAppliedCommandsList()) {
            Position at = new Position(mesh, new Epoch(command.getEpoch()), command.getSeq());
            applied = applied.plus(new AppliedCommands.Applied(command.getCommandId(), command.getFingerprint(), at));
        }
        PSortedMap<String, DivergentBranch> branches = TreePMap.empty();
        for (MeshSnapshot.DivergentBranch branch : proto.getBranchesList()) {
            branches = branches.plus(branch.getName(), BranchCodec.toBranch(branch));
        }
        return new MeshState(
                mesh,
                new Head(position, new Hash(proto.getHeadHash())),
                life(proto.getLife()),
                proto.getUid(),
                proto.getSpec(),
                Timestamps.toInstant(proto.getCreated()),
                proto.getHomeRegion(),
                proto.getSealed(),
                proto.getMeshModifiedSeq(),
                clusters,
                namespaces,
                gateways,
                resources(proto),
                applied,
                Lineage.of(proto.getLineageList()),
                proto.getHandoverTo().isEmpty()
                        ? Optional.empty()
                        : Optional.of(new MeshState.Handover(proto.getHandoverTo(), proto.getHandoverSeq())),
                proto.getSuccessorEpoch() == 0
                        ? Optional.empty()
                        : Optional.of(new MeshState.Successor(
                                new Epoch(proto.getSuccessorEpoch()), proto.getSuccessorRegion())),
                branches,
                proto.hasMembership() ? Optional.of(membership(proto.getMembership())) : Optional.empty());
    }

    private static MeshSnapshot.Membership toProto(Membership membership) {
        MeshSnapshot.Membership.Builder proto = MeshSnapshot.Membership.newBuilder()
                .setChanged(membership.changed().toProto())
                .addAllMembers(Member.toProto(membership.members()))
                .addAllFormer(Member.toProto(membership.former()));
        membership.joined().ifPresent(joined -> proto.setJoined(joined.toProto()));
        return proto.build();
    }

    private static Membership membership(MeshSnapshot.Membership proto) {
        return new Membership(
                Position.of(proto.getChanged()),
                Member.all(proto.getMembersList()),
                proto.hasJoined() ? Optional.of(Member.of(proto.getJoined())) : Optional.empty(),
                Member.all(proto.getFormerList()));
    }

    /** The bytes that {@link #stateHash} covers. */
    public static ByteString bytes(MeshState state) {
        return DeterministicBytes.of(toProto(state));
    }

    /** The same in every region that holds the same log up to the same position. */
    public static Hash stateHash(MeshState state) {
        return Hash.of(bytes(state));
    }

    private static PSortedMap<ResourceKey, Resource> resources(MeshSnapshot proto) {
        Map<ResourceKey, Resource> resources = new HashMap<>();
        for (MeshSnapshot.ResourceEntry entry : proto.getResourcesList()) {
            Resource resource = ResourceCodec.toResource(entry);
            resources.put(resource.key(), resource);
        }
        return TreePMap.<ResourceKey, Resource>empty().plusAll(resources);
    }

    private static MeshSnapshot.Life life(MeshState.Life life) {
        return switch (life) {
            case ABSENT -> MeshSnapshot.Life.ABSENT;
            case ACTIVE -> MeshSnapshot.Life.ACTIVE;
            case DELETED -> MeshSnapshot.Life.DELETED;
        };
    }

    private static MeshState.Life life(MeshSnapshot.Life life) {
        return switch (life) {
            case ABSENT -> MeshState.Life.ABSENT;
            case ACTIVE -> MeshState.Life.ACTIVE;
            case DELETED -> MeshState.Life.DELETED;
            case LIFE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("the snapshot does not say whether the mesh lives: " + life);
        };
    }
}
