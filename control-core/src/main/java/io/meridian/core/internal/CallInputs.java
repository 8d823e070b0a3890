package io.meridian.core.internal;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.replication.v1.FailoverRequest;
import io.meridian.api.replication.v1.HandoverRequest;
import io.meridian.api.replication.v1.LeaseRequest;
import io.meridian.api.replication.v1.NoteMembersRequest;
import io.meridian.api.replication.v1.PromiseRequest;
import io.meridian.api.replication.v1.ReportBranchRequest;
import io.meridian.core.protocol.Input;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.mesh.Origin;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What regions ask of each other, from replication.v1 to the protocol's inputs. All throw IllegalArgumentException for what is none. */
final class CallInputs {
    private CallInputs() {}

    static Input promise(long token, PromiseRequest asked) {
        return new Input.PromiseAsked(
                token,
                asked.getCandidateRegion(),
                new Epoch(asked.getEpoch()),
                asked.hasHead() ? Position.of(asked.getHead()) : Position.before(new MeshId(asked.getMesh())),
                asked.getAutomatic());
    }

    static Input members(long token, NoteMembersRequest told) {
        return new Input.MembersTold(token, told.getHomeRegion(), MembersNote.of(told.getMembers()));
    }

    static Input lease(long token, LeaseRequest asked) {
        return new Input.LeaseAsked(token, new Epoch(asked.getEpoch()), Durations.toMillis(asked.getLength()));
    }

    static Input handover(long token, HandoverRequest asked) {
        return new Input.Handover(
                token,
                new Origin(asked.getCommandId(), asked.getActor(), asked.getReason(), asked.getOriginRegion()),
                asked.getToRegion());
    }

    static Input failover(long token, FailoverRequest asked) {
        return new Input.Failover(
                token,
                new Origin(asked.getCommandId(), asked.getActor(), asked.getReason(), asked.getOriginRegion()),
                asked.getWithoutMajority());
    }

    /** {@code own}: the hash of the own event at the fork's seq. */
    static Input branch(long token, ReportBranchRequest report, Optional<Hash> own)
            throws InvalidProtocolBufferException {
        return new Input.BranchReported(
                token, report.getOriginRegion(), head(report.getFork()), envelopes(report.getEnvelopesList()), own);
    }

    static List<EventEnvelope> envelopes(List<Envelope> protos) throws InvalidProtocolBufferException {
        List<EventEnvelope> envelopes = new ArrayList<>(protos.size());
        for (Envelope proto : protos) {
            envelopes.add(EventEnvelope.of(proto));
        }
        return envelopes;
    }

    static Head head(io.meridian.api.replication.v1.Head proto) {
        Position position = Position.of(proto.getPosition());
        return position.seq() == 0 ? Head.empty(position.mesh()) : new Head(position, new Hash(proto.getHash()));
    }

    static io.meridian.api.replication.v1.Head head(Head head) {
        return io.meridian.api.replication.v1.Head.newBuilder()
                .setPosition(head.position().toProto())
                .setHash(head.hash().bytes())
                .build();
    }
}
