package io.meridian.core;

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
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A region that answers nothing. */
public class NoCalls implements PeerCalls {
    private static <T> CompletionStage<T> silence() {
        return CompletableFuture.failedStage(new IllegalStateException("the region does not answer"));
    }

    @Override
    public CompletionStage<PromiseResponse> promise(PromiseRequest request, Duration timeout) {
        return silence();
    }

    @Override
    public CompletionStage<LeaseResponse> lease(LeaseRequest request, Duration timeout) {
        return silence();
    }

    @Override
    public CompletionStage<NoteMembersResponse> noteMembers(NoteMembersRequest request, Duration timeout) {
        return silence();
    }

    @Override
    public CompletionStage<ReadLogResponse> readLog(ReadLogRequest request, Duration timeout) {
        return silence();
    }

    @Override
    public CompletionStage<ReportBranchResponse> reportBranch(ReportBranchRequest request, Duration timeout) {
        return silence();
    }

    @Override
    public CompletionStage<HandoverResponse> handover(
            HandoverRequest request, Duration timeout, Consumer<String> steps) {
        return silence();
    }

    @Override
    public CompletionStage<FailoverResponse> failover(
            FailoverRequest request, Duration timeout, Consumer<String> steps) {
        return silence();
    }
}
