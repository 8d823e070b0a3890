package io.meridian.model.mesh;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.events.v1.MeshSnapshot;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.BranchEntry.Assessment;
import io.meridian.model.mesh.BranchEntry.Resolution;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Divergent branches to and from the wire. Pure and stateless. */
public final class BranchCodec {
    private BranchCodec() {}

    public static io.meridian.api.events.v1.BranchEntry toProto(BranchEntry entry) {
        var proto = io.meridian.api.events.v1.BranchEntry.newBuilder()
                .setCommandId(entry.commandId())
                .setFirst(entry.first().toProto())
                .setLast(entry.last().toProto())
                .setAssessment(
                        switch (entry.assessment()) {
                            case DUPLICATE -> io.meridian.api.events.v1.BranchEntry.Assessment.DUPLICATE;
                            case REAPPLIABLE -> io.meridian.api.events.v1.BranchEntry.Assessment.REAPPLIABLE;
                            case CONFLICT -> io.meridian.api.events.v1.BranchEntry.Assessment.CONFLICT;
                            case TECHNICAL -> io.meridian.api.events.v1.BranchEntry.Assessment.TECHNICAL;
                        })
                .setWhy(entry.why())
                .setOperatorOnly(entry.operatorOnly())
                .setResolution(
                        switch (entry.resolution()) {
                            case OPEN -> io.meridian.api.events.v1.BranchEntry.Resolution.OPEN;
                            case REAPPLIED -> io.meridian.api.events.v1.BranchEntry.Resolution.REAPPLIED;
                            case DISCARDED -> io.meridian.api.events.v1.BranchEntry.Resolution.DISCARDED;
                            case NOT_NEEDED -> io.meridian.api.events.v1.BranchEntry.Resolution.NOT_NEEDED;
                        });
        entry.reappliedAt().ifPresent(position -> proto.setReappliedAt(position.toProto()));
        return proto.build();
    }

    /** Throws IllegalArgumentException if it lacks a position or says what this version does not know. */
    public static BranchEntry toEntry(io.meridian.api.events.v1.BranchEntry proto) {
        return new BranchEntry(
                proto.getCommandId(),
                Position.of(proto.getFirst()),
                Position.of(proto.getLast()),
                switch (proto.getAssessment()) {
                    case DUPLICATE -> Assessment.DUPLICATE;
                    case REAPPLIABLE -> Assessment.REAPPLIABLE;
                    case CONFLICT -> Assessment.CONFLICT;
                    case TECHNICAL -> Assessment.TECHNICAL;
                    case ASSESSMENT_UNSPECIFIED, UNRECOGNIZED ->
                        throw new IllegalArgumentException(
                                "unknown assessment of a branch's entry: " + proto.getAssessmentValue());
                },
                proto.getWhy(),
                proto.getOperatorOnly(),
                switch (proto.getResolution()) {
                    case OPEN -> Resolution.OPEN;
                    case REAPPLIED -> Resolution.REAPPLIED;
                    case DISCARDED -> Resolution.DISCARDED;
                    case NOT_NEEDED -> Resolution.NOT_NEEDED;
                    case UNRECOGNIZED ->
                        throw new IllegalArgumentException(
                                "unknown resolution of a branch's entry: " + proto.getResolutionValue());
                },
                proto.hasReappliedAt() ? Optional.of(Position.of(proto.getReappliedAt())) : Optional.empty());
    }

    static MeshSnapshot.DivergentBranch toProto(DivergentBranch branch) {
        MeshSnapshot.DivergentBranch.Builder proto = MeshSnapshot.DivergentBranch.newBuilder()
                .setName(branch.name())
                .setOriginRegion(branch.originRegion())
                .setFork(branch.fork().position().toProto())
                .setForkHash(branch.fork().hash().bytes())
                .setHead(branch.head().position().toProto())
                .setHeadHash(branch.head().hash().bytes())
                .addAllRecordedAt(branch.recordedAt());
        branch.entries().forEach(entry -> proto.addEntries(toProto(entry)));
        return proto.build();
    }

    static DivergentBranch toBranch(MeshSnapshot.DivergentBranch proto) {
        return new DivergentBranch(
                proto.getName(),
                proto.getOriginRegion(),
                new Head(Position.of(proto.getFork()), new Hash(proto.getForkHash())),
                new Head(Position.of(proto.getHead()), new Hash(proto.getHeadHash())),
                proto.getRecordedAtList(),
                proto.getEntriesList().stream().map(BranchCodec::toEntry).toList());
    }

    static io.meridian.api.events.v1.DivergentBranchDetected toProto(MeshEvent.DivergentBranchDetected event) {
        var proto = io.meridian.api.events.v1.DivergentBranchDetected.newBuilder()
                .setBranch(event.branch())
                .setOriginRegion(event.originRegion())
                .setFork(event.fork().position().toProto())
                .setForkHash(event.fork().hash().bytes());
        event.envelopes().forEach(envelope -> proto.addEnvelopes(envelope.toProto()));
        event.entries().forEach(entry -> proto.addEntries(toProto(entry)));
        return proto.build();
    }

    static MeshEvent.DivergentBranchDetected toEvent(io.meridian.api.events.v1.DivergentBranchDetected proto)
            throws InvalidProtocolBufferException {
        List<EventEnvelope> envelopes = new ArrayList<>(proto.getEnvelopesCount());
        for (Envelope envelope : proto.getEnvelopesList()) {
            envelopes.add(EventEnvelope.of(envelope));
        }
        return new MeshEvent.DivergentBranchDetected(
                proto.getBranch(),
                proto.getOriginRegion(),
                new Head(Position.of(proto.getFork()), new Hash(proto.getForkHash())),
                envelopes,
                proto.getEntriesList().stream().map(BranchCodec::toEntry).toList());
    }
}
