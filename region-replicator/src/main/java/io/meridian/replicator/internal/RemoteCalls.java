package io.meridian.replicator.internal;

import io.grpc.stub.StreamObserver;
import io.meridian.api.replication.v1.FailoverRequest;
import io.meridian.api.replication.v1.FailoverResponse;
import io.meridian.api.replication.v1.HandoverRequest;
import io.meridian.api.replication.v1.HandoverResponse;
import io.meridian.api.replication.v1.LeaseRequest;
import io.meridian.api.replication.v1.LeaseResponse;
import io.meridian.api.replication.v1.MoveStep;
import io.meridian.api.replication.v1.Moved;
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
import java.util.function.Consumer;
import java.util.function.Predicate;
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
    public CompletionStage<HandoverResponse> handover(
            HandoverRequest request, Duration timeout, Consumer<String> steps) {
        HandoverRequest asked = request.toBuilder().setTellSteps(true).build();
        MoveSteps told = new MoveSteps(steps);
        return this.<HandoverResponse>ask(
                        timeout,
                        (peerStub, answer) -> peerStub.handover(asked, answer),
                        response -> !response.hasStep() || told.tell(response.getStep()))
                .thenApply(response -> {
                    told.end(response.getMoved());
                    return response;
                });
    }

    @Override
    public CompletionStage<FailoverResponse> failover(
            FailoverRequest request, Duration timeout, Consumer<String> steps) {
        FailoverRequest asked = request.toBuilder().setTellSteps(true).build();
        MoveSteps told = new MoveSteps(steps);
        return this.<FailoverResponse>ask(
                        timeout,
                        (peerStub, answer) -> peerStub.failover(asked, answer),
                        response -> !response.hasStep() || told.tell(response.getStep()))
                .thenApply(response -> {
                    told.end(response.getMoved());
                    return response;
                });
    }

    /** Tells the steps of a move that comes with them, as they come; an earlier version tells all at the end. Used by one call's thread. */
    private static final class MoveSteps {
        private final Consumer<String> steps;
        private boolean toldAny;

        MoveSteps(Consumer<String> steps) {
            this.steps = steps;
        }

        /** False: it is not the outcome. */
        boolean tell(MoveStep step) {
            toldAny = true;
            steps.accept(step.getWhat());
            return false;
        }

        void end(Moved moved) {
            if (!toldAny) {
                moved.getStepsList().forEach(this::tell);
            }
        }
    }

    private <T> CompletionStage<T> ask(Duration timeout, BiConsumer<RegionPeerStub, StreamObserver<T>> call) {
        return ask(timeout, call, response -> true);
    }

    /** {@code isOutcome}: whether a response is the answer; there may be others before it. */
    private <T> CompletionStage<T> ask(
            Duration timeout, BiConsumer<RegionPeerStub, StreamObserver<T>> call, Predicate<T> isOutcome) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        call.accept(stub.get().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS), new StreamObserver<T>() {
            @Override
            public void onNext(T response) {
                if (isOutcome.test(response)) {
                    answer.complete(response);
                }
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
