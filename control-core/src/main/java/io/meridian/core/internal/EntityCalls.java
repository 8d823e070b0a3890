package io.meridian.core.internal;

import com.google.protobuf.Message;
import io.meridian.api.replication.v1.FailoverRequest;
import io.meridian.api.replication.v1.FailoverResponse;
import io.meridian.api.replication.v1.HandoverRequest;
import io.meridian.api.replication.v1.HandoverResponse;
import io.meridian.api.replication.v1.LeaseRequest;
import io.meridian.api.replication.v1.LeaseResponse;
import io.meridian.api.replication.v1.NoteMembersRequest;
import io.meridian.api.replication.v1.NoteMembersResponse;
import io.meridian.api.replication.v1.PromiseRequest;
import io.meridian.api.replication.v1.PromiseResponse;
import io.meridian.api.replication.v1.ReadLogRequest;
import io.meridian.api.replication.v1.ReadLogResponse;
import io.meridian.api.replication.v1.ReportBranchRequest;
import io.meridian.api.replication.v1.ReportBranchResponse;
import io.meridian.core.MeshLog;
import io.meridian.core.PeerCalls;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** What this region does for others: asked of the mesh's entity, but for what the journal answers. */
final class EntityCalls implements PeerCalls {
    private static final int MOST_READ = 10_000;

    private final Entities entities;
    private final MeshLog log;

    EntityCalls(Entities entities, MeshLog log) {
        this.entities = entities;
        this.log = log;
    }

    @Override
    public CompletionStage<PromiseResponse> promise(PromiseRequest request, Duration timeout) {
        return call(request.getMesh(), request, timeout).thenApply(PromiseResponse.class::cast);
    }

    @Override
    public CompletionStage<LeaseResponse> lease(LeaseRequest request, Duration timeout) {
        return call(request.getMesh(), request, timeout).thenApply(LeaseResponse.class::cast);
    }

    @Override
    public CompletionStage<NoteMembersResponse> noteMembers(NoteMembersRequest request, Duration timeout) {
        return call(request.getMesh(), request, timeout).thenApply(NoteMembersResponse.class::cast);
    }

    @Override
    public CompletionStage<ReadLogResponse> readLog(ReadLogRequest request, Duration timeout) {
        MeshId mesh = new MeshId(request.getMesh());
        int max = Math.clamp(request.getMaxEvents(), 1, MOST_READ);
        return log.read(mesh, request.getAfterSeq(), max).thenApply(events -> {
            ReadLogResponse.Builder response = ReadLogResponse.newBuilder();
            events.forEach(event -> response.addEnvelopes(event.toProto()));
            if (!events.isEmpty()) {
                EventEnvelope last = events.getLast();
                response.setHead(CallInputs.head(last.head()));
            }
            return response.build();
        });
    }

    @Override
    public CompletionStage<ReportBranchResponse> reportBranch(ReportBranchRequest request, Duration timeout) {
        return call(request.getMesh(), request, timeout).thenApply(ReportBranchResponse.class::cast);
    }

    @Override
    public CompletionStage<HandoverResponse> handover(
            HandoverRequest request, Duration timeout, Consumer<String> steps) {
        return entities.call(new MeshId(request.getMesh()), timeout, request, steps)
                .thenApply(EntityCalls::handover);
    }

    @Override
    public CompletionStage<FailoverResponse> failover(
            FailoverRequest request, Duration timeout, Consumer<String> steps) {
        return entities.call(new MeshId(request.getMesh()), timeout, request, steps)
                .thenApply(FailoverResponse.class::cast);
    }

    private CompletionStage<Message> call(String mesh, Message request, Duration timeout) {
        return entities.call(new MeshId(mesh), timeout, request, step -> {});
    }

    static HandoverResponse handover(Message answer) {
        FailoverResponse told = (FailoverResponse) answer;
        HandoverResponse.Builder response = HandoverResponse.newBuilder();
        return told.hasMoved()
                ? response.setMoved(told.getMoved()).build()
                : response.setRefused(told.getRefused()).build();
    }
}
