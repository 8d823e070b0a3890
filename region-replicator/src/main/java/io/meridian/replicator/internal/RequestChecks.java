package io.meridian.replicator.internal;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import io.meridian.api.replication.v1.FailoverRequest;
import io.meridian.api.replication.v1.HandoverRequest;
import io.meridian.api.replication.v1.LeaseRequest;
import io.meridian.api.replication.v1.NoteMembersRequest;
import io.meridian.api.replication.v1.PromiseRequest;
import io.meridian.api.replication.v1.ReadLogRequest;
import io.meridian.api.replication.v1.ReportBranchRequest;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.position.MeshId;
import io.meridian.replicator.ReplicatorSettings;

/**
 * What a peer's request has to be before the core hears of it. Each check throws IllegalArgumentException, whose message begins with the
 * name of the field.
 */
final class RequestChecks {
    private final ReplicatorSettings settings;

    RequestChecks(ReplicatorSettings settings) {
        this.settings = settings;
    }

    void promise(PromiseRequest request) {
        mesh(request.getMesh());
        epoch(request.getEpoch());
        peer("candidate_region", request.getCandidateRegion());
    }

    void lease(LeaseRequest request) {
        mesh(request.getMesh());
        epoch(request.getEpoch());
        peer("home_region", request.getHomeRegion());
        require(
                Durations.isValid(request.getLength()) && Durations.isPositive(request.getLength()),
                "length must be positive");
    }

    void noteMembers(NoteMembersRequest request) {
        mesh(request.getMesh());
        peer("home_region", request.getHomeRegion());
        require(request.hasMembers(), "members is missing");
        try {
            MembersNote note = MembersNote.of(request.getMembers());
            require(
                    note.at().mesh().value().equals(request.getMesh()),
                    "at is of mesh " + note.at().mesh() + ", not " + request.getMesh());
            epoch(note.at().epoch().value());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("members cannot be: " + e.getMessage(), e);
        }
    }

    void readLog(ReadLogRequest request) {
        mesh(request.getMesh());
        require(request.getAfterSeq() >= 0, "after_seq must not be negative, but is " + request.getAfterSeq());
        require(request.getMaxEvents() > 0, "max_events must be positive, but is " + request.getMaxEvents());
    }

    void reportBranch(ReportBranchRequest request) {
        mesh(request.getMesh());
        peer("origin_region", request.getOriginRegion());
        require(request.hasFork(), "fork is missing");
        Head fork;
        try {
            fork = Heads.of(request.getFork());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("fork is no head: " + e.getMessage(), e);
        }
        require(
                fork.position().mesh().value().equals(request.getMesh()),
                "fork is of mesh " + fork.position().mesh() + ", not " + request.getMesh());
        require(request.getEnvelopesCount() > 0, "envelopes must not be empty");
        for (int i = 0; i < request.getEnvelopesCount(); i++) {
            envelope(request, i);
        }
    }

    private static void envelope(ReportBranchRequest request, int index) {
        EventEnvelope envelope;
        try {
            envelope = EventEnvelope.of(request.getEnvelopes(index));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("envelopes[" + index + "] is no event: " + e.getMessage(), e);
        }
        require(
                envelope.mesh().value().equals(request.getMesh()),
                "envelopes[" + index + "] is of mesh " + envelope.mesh() + ", not " + request.getMesh());
    }

    void handover(HandoverRequest request) {
        mesh(request.getMesh());
        require(!request.getToRegion().isEmpty(), "to_region is missing");
        move(request.getOriginRegion(), request.getCommandId());
    }

    void failover(FailoverRequest request) {
        mesh(request.getMesh());
        move(request.getOriginRegion(), request.getCommandId());
    }

    private void move(String originRegion, String commandId) {
        peer("origin_region", originRegion);
        require(!commandId.isEmpty(), "command_id is missing");
    }

    private static void mesh(String mesh) {
        require(MeshId.isValid(mesh), "mesh: not a mesh name: " + mesh);
    }

    private static void epoch(long epoch) {
        require(epoch > 0, "epoch must be positive, but is " + epoch);
    }

    private void peer(String field, String region) {
        require(
                settings.peer(region).isPresent(),
                field + ": region " + settings.self() + " has no peer named \"" + region + "\"");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
