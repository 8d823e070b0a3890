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
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * What regions ask of each other beside events and commands (docs/replication.md): the core offers it to the others, and calls it at them. A stage fails
 * if there was no answer in time. Thread-safe; never blocks.
 */
public interface PeerCalls {
    /** Durable before it is answered, if granted. */
    CompletionStage<PromiseResponse> promise(PromiseRequest request, Duration timeout);

    CompletionStage<LeaseResponse> lease(LeaseRequest request, Duration timeout);

    /** Who the members of a mesh are, told by its home. Durable before it is answered. */
    CompletionStage<NoteMembersResponse> noteMembers(NoteMembersRequest request, Duration timeout);

    CompletionStage<ReadLogResponse> readLog(ReadLogRequest request, Duration timeout);

    CompletionStage<ReportBranchResponse> reportBranch(ReportBranchRequest request, Duration timeout);

    /**
     * Of a mesh whose home the asked region is; see {@link HomeMoves#handover}.
     *
     * @param steps told each step as it happens there, from any thread; must not block
     */
    CompletionStage<HandoverResponse> handover(HandoverRequest request, Duration timeout, Consumer<String> steps);

    /** Makes the asked region the home; see {@link HomeMoves#failover}. {@code steps}: as of a handover. */
    CompletionStage<FailoverResponse> failover(FailoverRequest request, Duration timeout, Consumer<String> steps);
}
