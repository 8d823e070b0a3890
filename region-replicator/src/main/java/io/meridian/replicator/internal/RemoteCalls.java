package io.meridian.replicator.internal;

import io.grpc.stub.StreamObserver;
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
import io.meridian.api.replication.v1.RegionPeerGrpc.RegionPeerStub;
import io.meridian.api.replication.v1.ReportBranchRequest;
import io.meridian.api.replication.v1.ReportBranchResponse;
import io.meridian.core.PeerCalls;
import io.meridian.model.position.RegionId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** What a peer is asked over gRPC. A stage fails with what the peer answered, or when its deadline passes. Thread-safe. */
final class RemoteCalls implements PeerCalls {
    private final RegionId peer;
    private final Supplier<RegionPeerStub> stub;

    RemoteCalls(RegionId peer, Supplier<RegionPeerStub> stub) {
        this.peer = peer;
        this.stub = stub;
    }

    @Override
    public CompletionStage<PromiseResponse> promise(PromiseRequest request, Duration timeout) {
        return ask(timeout, (peerStub, answer) -> peerStub.promise(request, answer));
    }

    @Override
    public CompletionStage<LeaseResponse> lease(LeaseRequest request, Duration timeout) {
        return ask(timeout, (peerStub, answer) -> peerStub.lease(request, answer));
    }

    @Override
    public CompletionStage<NoteMembersResponse> noteMembers(NoteMembersRequest request, Duration timeout) {
        return ask(timeout, (peerStub, answer) -> peerStub.noteMembers(request, answer));
    }

    @Override
    public CompletionStage<ReadLogResponse> readLog(ReadLogRequest request, Duration timeout) {
        return ask(timeout, (peerStub, answer) -> peerStub.readLog(request, answer));
    }

    @Override
    public CompletionStage<ReportBranchResponse> reportBranch(ReportBranchRequest request, Duration timeout) {
        return ask(timeout, (peerStub, answer) -> peerStub.reportBranch(request, answer));
    }

    @Override
    public CompletionStage<HandoverResponse> handover(HandoverRequest request, Duration timeout) {
        return ask(timeout, (peerStub, answer) -> peerStub.handover(request, answer));
    }

    @Override
    public CompletionStage<FailoverResponse> failover(FailoverRequest request, Duration timeout) {
        return ask(timeout, (peerStub, answer) -> peerStub.failover(request, answer));
    }

    private <T> CompletionStage<T> ask(Duration timeout, BiConsumer<RegionPeerStub, StreamObserver<T>> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        call.accept(stub.get().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS), new StreamObserver<T>() {
            @Override
            public void onNext(T response) {
                answer.complete(response);
            }

            @Override
            public void onError(Throwable failure) {
                answer.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {
                answer.completeExceptionally(new IllegalStateException("region " + peer + " answered nothing"));
            }
        });
        return answer;
    }
}
