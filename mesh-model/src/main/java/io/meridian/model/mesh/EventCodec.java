package io.meridian.model.mesh;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.meridian.api.events.v1.EventHeader;
import io.meridian.api.events.v1.Takeover;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.mesh.MeshEvent.SegmentOpened.Cause;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import java.util.Optional;

/** {@link MeshEvent} to and from an envelope's payload. Pure and stateless. */
public final class EventCodec {
    /** The newest schema of every type that this version reads, and the one that it writes. */
    public static final int SCHEMA_VERSION = 1;

    /** A payload with what the header must say of it. */
    public record Encoded(String type, int schemaVersion, ByteString payload) {}

    private EventCodec() {}

    /** Called once in an event's life, by its writer; from then on its bytes travel. */
    public static Encoded encode(MeshEvent event) {
        Message message = toMessage(event);
        return new Encoded(message.getDescriptorForType().getName(), SCHEMA_VERSION, DeterministicBytes.of(message));
    }

    /**
     * Reads an envelope's payload. Does not check the envelope's hash, but does check the hash of a state that it carries.
     *
     * @throws UnreadableEventException if the type is unknown, its schema newer than this version reads, or its payload malformed
     */
    public static MeshEvent decode(EventEnvelope envelope) throws UnreadableEventException {
        EventHeader header = envelope.header();
        if (header.getSchemaVersion() < 1 || header.getSchemaVersion() > SCHEMA_VERSION) {
            throw unreadable(envelope, "this version reads schemas 1 to " + SCHEMA_VERSION + "; upgrade this region");
        }
        try {
            return parse(envelope, header.getType(), envelope.payload());
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw unreadable(envelope, "malformed payload: " + e.getMessage());
        }
    }

    private static UnreadableEventException unreadable(EventEnvelope envelope, String why) {
        EventHeader header = envelope.header();
        return new UnreadableEventException(envelope.position(), header.getType(), header.getSchemaVersion(), why);
    }

    private static Message toMessage(MeshEvent event) {
        return switch (event) {
            case MeshEvent.SegmentOpened opened -> toMessage(opened);
            case MeshEvent.SegmentSealed(Epoch next, String region) ->
                io.meridian.api.events.v1.SegmentSealed.newBuilder()
                        .setNextEpoch(next.value())
                        .setNextRegion(region)
                        .build();
            case MeshEvent.HandoverStarted(String region) ->
                io.meridian.api.events.v1.HandoverStarted.newBuilder()
                        .setToRegion(region)
                        .build();
            case MeshEvent.HandoverAborted(String region, String why) ->
                io.meridian.api.events.v1.HandoverAborted.newBuilder()
                        .setToRegion(region)
                        .setWhy(why)
                        .build();
            case MeshEvent.DivergentBranchDetected detected -> BranchCodec.toProto(detected);
            case MeshEvent.BranchDiscarded(String branch, var entries) ->
                io.meridian.api.events.v1.BranchDiscarded.newBuilder()
                        .setBranch(branch)
                        .addAllEntries(entries.stream().map(Position::toProto).toList())
                        .build();
            case MeshEvent.RegionJoined(var region, var members, var withoutMajority) ->
                io.meridian.api.events.v1.RegionJoined.newBuilder()
                        .setRegion(region.toProto())
                        .addAllMembers(Member.toProto(members))
                        .setWithoutMajority(withoutMajority)
                        .build();
            case MeshEvent.RegionLeft(var region, var members, var withoutMajority) ->
                io.meridian.api.events.v1.RegionLeft.newBuilder()
                        .setRegion(region.toProto())
                        .addAllMembers(Member.toProto(members))
                        .setWithoutMajority(withoutMajority)
                        .build();
            case MeshEvent.MeshCreated(var uid, var spec) ->
                io.meridian.api.events.v1.MeshCreated.newBuilder()
                        .setUid(uid)
                        .setSpec(spec)
                        .build();
            case MeshEvent.MeshUpdated(var spec) ->
                io.meridian.api.events.v1.MeshUpdated.newBuilder().setSpec(spec).build();
            case MeshEvent.MeshUpgraded(var from, var to) ->
                io.meridian.api.events.v1.MeshUpgraded.newBuilder()
                        .setFromVersion(from)
                        .setToVersion(to)
                        .build();
            case MeshEvent.MeshDeleted() -> io.meridian.api.events.v1.MeshDeleted.getDefaultInstance();
            case MeshEvent.ClusterAdded(var name, var spec) ->
                io.meridian.api.events.v1.ClusterAdded.newBuilder()
                        .setName(name)
                        .setSpec(spec)
                        .build();
            case MeshEvent.ClusterUpdated(var name, var spec) ->
                io.meridian.api.events.v1.ClusterUpdated.newBuilder()
                        .setName(name)
                        .setSpec(spec)
                        .build();
            case MeshEvent.ClusterRemoved(var name) ->
                io.meridian.api.events.v1.ClusterRemoved.newBuilder()
                        .setName(name)
                        .build();
            case MeshEvent.NamespaceCreated(var name, var spec) ->
                io.meridian.api.events.v1.NamespaceCreated.newBuilder()
                        .setName(name)
                        .setSpec(spec)
                        .build();
            case MeshEvent.NamespaceUpdated(var name, var spec) ->
                io.meridian.api.events.v1.NamespaceUpdated.newBuilder()
                        .setName(name)
                        .setSpec(spec)
                        .build();
            case MeshEvent.NamespaceDeleted(var name) ->
                io.meridian.api.events.v1.NamespaceDeleted.newBuilder()
                        .setName(name)
                        .build();
            case MeshEvent.IngressGatewayDeployed(var name, var spec) ->
                io.meridian.api.events.v1.IngressGatewayDeployed.newBuilder()
                        .setName(name)
                        .setSpec(spec)
                        .build();
            case MeshEvent.IngressGatewayUpdated(var name, var spec) ->
                io.meridian.api.events.v1.IngressGatewayUpdated.newBuilder()
                        .setName(name)
                        .setSpec(spec)
                        .build();
            case MeshEvent.IngressGatewayUninstalled(var name, var withCluster) ->
                io.meridian.api.events.v1.IngressGatewayUninstalled.newBuilder()
                        .setName(name)
                        .setWithCluster(withCluster.orElse(""))
                        .build();
            case MeshEvent.ResourcesApplied applied -> toMessage(applied);
        };
    }

    private static Message toMessage(MeshEvent.SegmentOpened opened) {
        var proto = io.meridian.api.events.v1.SegmentOpened.newBuilder()
                .setParentEpoch(opened.parentEpoch().value())
                .setBaseSeq(opened.baseSeq())
                .setCause(
                        switch (opened.cause()) {
                            case GENESIS -> io.meridian.api.events.v1.SegmentOpened.Cause.GENESIS;
                            case HANDOVER -> io.meridian.api.events.v1.SegmentOpened.Cause.HANDOVER;
                            case FORCED -> io.meridian.api.events.v1.SegmentOpened.Cause.FORCED;
                            case RECLAIMED -> io.meridian.api.events.v1.SegmentOpened.Cause.RECLAIMED;
                        })
                .setHomeRegion(opened.homeRegion());
        opened.state()
                .ifPresent(state -> proto.setState(SnapshotCodec.toProto(state))
                        .setStateHash(opened.stateHash().bytes()));
        opened.takeover().ifPresent(proto::setTakeover);
        return proto.build();
    }

    private static Message toMessage(MeshEvent.ResourcesApplied applied) {
        var proto = io.meridian.api.events.v1.ResourcesApplied.newBuilder();
        applied.changes().forEach(change -> proto.addChanges(ResourceCodec.toProto(change)));
        applied.rolledBackTo().ifPresent(position -> proto.setRolledBackTo(position.toProto()));
        return proto.build();
    }

    private static MeshEvent parse(EventEnvelope envelope, String type, ByteString payload)
            throws InvalidProtocolBufferException, UnreadableEventException {
        return switch (type) {
            case "SegmentOpened" -> opened(io.meridian.api.events.v1.SegmentOpened.parseFrom(payload));
            case "SegmentSealed" -> {
                var proto = io.meridian.api.events.v1.SegmentSealed.parseFrom(payload);
                yield new MeshEvent.SegmentSealed(new Epoch(proto.getNextEpoch()), proto.getNextRegion());
            }
            case "HandoverStarted" ->
                new MeshEvent.HandoverStarted(io.meridian.api.events.v1.HandoverStarted.parseFrom(payload)
                        .getToRegion());
            case "HandoverAborted" -> {
                var proto = io.meridian.api.events.v1.HandoverAborted.parseFrom(payload);
                yield new MeshEvent.HandoverAborted(proto.getToRegion(), proto.getWhy());
            }
            case "DivergentBranchDetected" ->
                BranchCodec.toEvent(io.meridian.api.events.v1.DivergentBranchDetected.parseFrom(payload));
            case "BranchDiscarded" -> {
                var proto = io.meridian.api.events.v1.BranchDiscarded.parseFrom(payload);
                yield new MeshEvent.BranchDiscarded(
                        proto.getBranch(),
                        proto.getEntriesList().stream().map(Position::of).toList());
            }
            case "RegionJoined" -> {
                var proto = io.meridian.api.events.v1.RegionJoined.parseFrom(payload);
                yield new MeshEvent.RegionJoined(
                        Member.of(proto.getRegion()), Member.all(proto.getMembersList()), proto.getWithoutMajority());
            }
            case "RegionLeft" -> {
                var proto = io.meridian.api.events.v1.RegionLeft.parseFrom(payload);
                yield new MeshEvent.RegionLeft(
                        Member.of(proto.getRegion()), Member.all(proto.getMembersList()), proto.getWithoutMajority());
            }
            case "MeshCreated" -> {
                var proto = io.meridian.api.events.v1.MeshCreated.parseFrom(payload);
                yield new MeshEvent.MeshCreated(proto.getUid(), proto.getSpec());
            }
            case "MeshUpdated" ->
                new MeshEvent.MeshUpdated(
                        io.meridian.api.events.v1.MeshUpdated.parseFrom(payload).getSpec());
            case "MeshUpgraded" -> {
                var proto = io.meridian.api.events.v1.MeshUpgraded.parseFrom(payload);
                yield new MeshEvent.MeshUpgraded(proto.getFromVersion(), proto.getToVersion());
            }
            case "MeshDeleted" -> new MeshEvent.MeshDeleted();
            case "ClusterAdded" -> {
                var proto = io.meridian.api.events.v1.ClusterAdded.parseFrom(payload);
                yield new MeshEvent.ClusterAdded(proto.getName(), proto.getSpec());
            }
            case "ClusterUpdated" -> {
                var proto = io.meridian.api.events.v1.ClusterUpdated.parseFrom(payload);
                yield new MeshEvent.ClusterUpdated(proto.getName(), proto.getSpec());
            }
            case "ClusterRemoved" ->
                new MeshEvent.ClusterRemoved(io.meridian.api.events.v1.ClusterRemoved.parseFrom(payload)
                        .getName());
            case "NamespaceCreated" -> {
                var proto = io.meridian.api.events.v1.NamespaceCreated.parseFrom(payload);
                yield new MeshEvent.NamespaceCreated(proto.getName(), proto.getSpec());
            }
            case "NamespaceUpdated" -> {
                var proto = io.meridian.api.events.v1.NamespaceUpdated.parseFrom(payload);
                yield new MeshEvent.NamespaceUpdated(proto.getName(), proto.getSpec());
            }
            case "NamespaceDeleted" ->
                new MeshEvent.NamespaceDeleted(io.meridian.api.events.v1.NamespaceDeleted.parseFrom(payload)
                        .getName());
            case "IngressGatewayDeployed" -> {
                var proto = io.meridian.api.events.v1.IngressGatewayDeployed.parseFrom(payload);
                yield new MeshEvent.IngressGatewayDeployed(proto.getName(), proto.getSpec());
            }
            case "IngressGatewayUpdated" -> {
                var proto = io.meridian.api.events.v1.IngressGatewayUpdated.parseFrom(payload);
                yield new MeshEvent.IngressGatewayUpdated(proto.getName(), proto.getSpec());
            }
            case "IngressGatewayUninstalled" -> {
                var proto = io.meridian.api.events.v1.IngressGatewayUninstalled.parseFrom(payload);
                yield new MeshEvent.IngressGatewayUninstalled(
                        proto.getName(), Optional.of(proto.getWithCluster()).filter(cluster -> !cluster.isEmpty()));
            }
            case "ResourcesApplied" -> {
                var proto = io.meridian.api.events.v1.ResourcesApplied.parseFrom(payload);
                yield new MeshEvent.ResourcesApplied(
                        proto.getChangesList().stream()
                                .map(ResourceCodec::toChange)
                                .toList(),
                        proto.hasRolledBackTo() ? Optional.of(Position.of(proto.getRolledBackTo())) : Optional.empty());
            }
            default -> throw unreadable(envelope, "this version does not know the type; upgrade this region");
        };
    }

    private static MeshEvent opened(io.meridian.api.events.v1.SegmentOpened proto) {
        Cause cause = switch (proto.getCause()) {
            case GENESIS -> Cause.GENESIS;
            case HANDOVER -> Cause.HANDOVER;
            case FORCED -> Cause.FORCED;
            case RECLAIMED -> Cause.RECLAIMED;
            case CAUSE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("unknown cause of a segment: " + proto.getCauseValue());
        };
        Optional<Takeover> takeover = proto.hasTakeover() ? Optional.of(proto.getTakeover()) : Optional.empty();
        if (!proto.hasState()) {
            return new MeshEvent.SegmentOpened(
                    new Epoch(proto.getParentEpoch()),
                    proto.getBaseSeq(),
                    cause,
                    Optional.empty(),
                    Hash.ZERO,
                    proto.getHomeRegion(),
                    takeover);
        }
        MeshState state = SnapshotCodec.toState(proto.getState());
        Hash claimed = new Hash(proto.getStateHash());
        Hash actual = SnapshotCodec.stateHash(state);
        if (!actual.equals(claimed)) {
            throw new IllegalArgumentException("the state that it carries has the hash " + actual + ", not " + claimed);
        }
        if (state.head().position().seq() != proto.getBaseSeq()) {
            throw new IllegalArgumentException("the state that it carries is at seq "
                    + state.head().position().seq() + ", not " + proto.getBaseSeq());
        }
        return new MeshEvent.SegmentOpened(
                new Epoch(proto.getParentEpoch()),
                proto.getBaseSeq(),
                cause,
                Optional.of(state),
                claimed,
                proto.getHomeRegion(),
                takeover);
    }
}
