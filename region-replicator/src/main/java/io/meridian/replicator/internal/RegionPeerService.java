package io.meridian.replicator.internal;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.meridian.api.commands.v1.CommandResponse;
import io.meridian.api.replication.v1.ExecuteRequest;
import io.meridian.api.replication.v1.FailoverRequest;
import io.meridian.api.replication.v1.FailoverResponse;
import io.meridian.api.replication.v1.FollowRequest;
import io.meridian.api.replication.v1.FollowResponse;
import io.meridian.api.replication.v1.HandoverRequest;
import io.meridian.api.replication.v1.HandoverResponse;
import io.meridian.api.replication.v1.LeaseRequest;
import io.meridian.api.replication.v1.LeaseResponse;
import io.meridian.api.replication.v1.ListProxiesRequest;
import io.meridian.api.replication.v1.ListProxiesResponse;
import io.meridian.api.replication.v1.NoteMembersRequest;
import io.meridian.api.replication.v1.NoteMembersResponse;
import io.meridian.api.replication.v1.PromiseRequest;
import io.meridian.api.replication.v1.PromiseResponse;
import io.meridian.api.replication.v1.ProxyConfigRequest;
import io.meridian.api.replication.v1.ProxyConfigResponse;
import io.meridian.api.replication.v1.ReadLogRequest;
import io.meridian.api.replication.v1.ReadLogResponse;
import io.meridian.api.replication.v1.RegionPeerGrpc;
import io.meridian.api.replication.v1.ReportBranchRequest;
import io.meridian.api.replication.v1.ReportBranchResponse;
import io.meridian.api.replication.v1.WatchHeadsRequest;
import io.meridian.api.replication.v1.WatchHeadsResponse;
import io.meridian.api.replication.v1.WatchInventoryRequest;
import io.meridian.api.replication.v1.WatchInventoryResponse;
import io.meridian.core.PeerCalls;
import io.meridian.core.ProxyDirectory.ConfigQuery;
import io.meridian.model.mesh.CommandCodec;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.replicator.ReplicatorSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a region offers to its peers. Answers UNAVAILABLE until it is started. Thread-safe. */
public final class RegionPeerService extends RegionPeerGrpc.RegionPeerImplBase {
    private static final Logger log = LoggerFactory.getLogger(RegionPeerService.class);
    private static final Duration LONGEST_CALL = Duration.ofMinutes(1);

    private final ReplicatorSettings settings;
    private final Executor pool;
    private final RequestChecks checks;
    private final Set<FollowSession> sessions = ConcurrentHashMap.newKeySet();
    private final Set<InventoryFeed> inventoryFeeds = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Running running;

    private record Running(Ports ports, HeadBoard board, Consumer<String> onCalled) {}

    public RegionPeerService(ReplicatorSettings settings, Executor pool) {
        this.settings = settings;
        this.pool = pool;
        checks = new RequestChecks(settings);
    }

    /** {@code onCalled} hears, on any thread, the name that each stream's opener gives itself, which may be no region's. */
    void start(Ports ports, HeadBoard board, Consumer<String> onCalled) {
        running = new Running(ports, board, onCalled);
    }

    void tick() {
        sessions.forEach(FollowSession::tick);
        inventoryFeeds.forEach(InventoryFeed::tick);
    }

    void close() {
        running = null;
        sessions.forEach(session -> session.abort(Status.UNAVAILABLE.withDescription("the region shuts down")));
        inventoryFeeds.forEach(InventoryFeed::close);
    }

    /** Null if the call was answered: the region does not serve. */
    private @Nullable Running serving(StreamObserver<?> responses) {
        Running now = running;
        if (now == null) {
            responses.onError(Status.UNAVAILABLE
                    .withDescription("region " + settings.self() + " does not serve now")
                    .asRuntimeException());
        }
        return now;
    }

    @Override
    public void watchHeads(WatchHeadsRequest request, StreamObserver<WatchHeadsResponse> responses) {
        Running now = serving(responses);
        if (now != null) {
            now.board().feed(request.getStream(), (ServerCallStreamObserver<WatchHeadsResponse>) responses);
            now.onCalled().accept(request.getFromRegion());
        }
    }

    @Override
    public StreamObserver<FollowRequest> follow(StreamObserver<FollowResponse> responses) {
        Running now = serving(responses);
        if (now == null) {
            return new Deaf<>();
        }
        FollowSession session = new FollowSession(
                settings,
                now.ports(),
                now.onCalled(),
                sessions::remove,
                (ServerCallStreamObserver<FollowResponse>) responses,
                pool);
        sessions.add(session);
        return session;
    }

    @Override
    public void execute(ExecuteRequest request, StreamObserver<CommandResponse> responses) {
        Running now = serving(responses);
        if (now == null) {
            return;
        }
        CommandRequest command;
        Epoch expected;
        try {
            command = CommandCodec.toRequest(request.getRequest());
            expected = new Epoch(request.getExpectedEpoch());
        } catch (IllegalArgumentException e) {
            refuse(responses, e.getMessage());
            return;
        }
        Duration timeout = timeout(request);
        Ports.ask(() -> now.ports().commands().executeHere(command, expected, timeout), timeout, (outcome, failure) -> {
            if (outcome == null) {
                log.warn("forwarded command failed mesh={} commandId={}", command.mesh(), command.commandId(), failure);
                answer(
                        responses,
                        new CommandOutcome.Unknown(
                                command.commandId(),
                                "region " + settings.self() + " failed: "
                                        + (failure == null ? "no answer" : Ports.reason(failure))));
            } else {
                answer(responses, outcome);
            }
        });
    }

    private static void answer(StreamObserver<CommandResponse> responses, CommandOutcome outcome) {
        try {
            responses.onNext(CommandCodec.toProto(outcome));
            responses.onCompleted();
        } catch (RuntimeException e) {
            // The caller is gone; it takes the outcome for unknown.
            log.debug("forwarded command's answer not sent", e);
        }
    }

    private static Duration timeout(ExecuteRequest request) {
        Duration asked = request.hasTimeout()
                ? Duration.ofNanos(
                        TimeUnit.SECONDS.toNanos(Math.min(request.getTimeout().getSeconds(), LONGEST_CALL.toSeconds()))
                                + request.getTimeout().getNanos())
                : LONGEST_CALL;
        return asked.isPositive() && asked.compareTo(LONGEST_CALL) < 0 ? asked : LONGEST_CALL;
    }

    @Override
    public void watchInventory(WatchInventoryRequest request, StreamObserver<WatchInventoryResponse> responses) {
        Running now = serving(responses);
        if (now == null) {
            return;
        }
        InventoryFeed feed = new InventoryFeed(
                (ServerCallStreamObserver<WatchInventoryResponse>) responses,
                settings.timings().inventoryHeartbeat(),
                settings.limits().batchBytes(),
                pool,
                inventoryFeeds::remove);
        inventoryFeeds.add(feed);
        feed.start(now.ports().inventories());
        now.onCalled().accept(request.getFromRegion());
    }

    @Override
    public void listProxies(ListProxiesRequest request, StreamObserver<ListProxiesResponse> responses) {
        Running now = serving(responses);
        if (now == null) {
            return;
        }
        if (!request.getMesh().isEmpty() && !MeshId.isValid(request.getMesh())) {
            refuse(responses, "mesh: not a mesh name: " + request.getMesh());
            return;
        }
        Optional<MeshId> mesh =
                request.getMesh().isEmpty() ? Optional.empty() : Optional.of(new MeshId(request.getMesh()));
        responses.onNext(ListProxiesResponse.newBuilder()
                .addAllProxies(now.ports().proxies().list(mesh))
                .addAllDeparted(now.ports().proxies().departed(mesh))
                .build());
        responses.onCompleted();
    }

    @Override
    public void proxyConfig(ProxyConfigRequest request, StreamObserver<ProxyConfigResponse> responses) {
        Running now = serving(responses);
        if (now == null) {
            return;
        }
        if (!MeshId.isValid(request.getMesh())) {
            refuse(responses, "mesh: not a mesh name: " + request.getMesh());
            return;
        }
        // With a handler, an answer to a region that went away is dropped rather than thrown at us.
        ((ServerCallStreamObserver<ProxyConfigResponse>) responses).setOnCancelHandler(() -> {});
        Duration timeout = timeLeft();
        ConfigQuery query = new ConfigQuery(
                new MeshId(request.getMesh()), request.getNode(), request.getTypesList(), request.getName());
        Ports.ask(() -> now.ports().proxies().served(query, timeout), timeout, (resources, failure) -> {
            if (resources == null) {
                responses.onError(failure == null ? Status.INTERNAL.asRuntimeException() : Ports.cause(failure));
                return;
            }
            // Each is below a message's limit; many together are not.
            resources.forEach(resource -> responses.onNext(
                    ProxyConfigResponse.newBuilder().addResources(resource).build()));
            responses.onCompleted();
        });
    }

    private static Duration timeLeft() {
        Deadline deadline = Context.current().getDeadline();
        return deadline == null
                ? LONGEST_CALL
                : Duration.ofNanos(Math.max(1_000_000, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
    }

    private static void refuse(StreamObserver<?> responses, @Nullable String why) {
        responses.onError(Status.INVALID_ARGUMENT.withDescription(why).asRuntimeException());
    }

    @Override
    public void promise(PromiseRequest request, StreamObserver<PromiseResponse> responses) {
        duty(request, checks::promise, PeerCalls::promise, responses);
    }

    @Override
    public void lease(LeaseRequest request, StreamObserver<LeaseResponse> responses) {
        duty(request, checks::lease, PeerCalls::lease, responses);
    }

    @Override
    public void noteMembers(NoteMembersRequest request, StreamObserver<NoteMembersResponse> responses) {
        duty(request, checks::noteMembers, PeerCalls::noteMembers, responses);
    }

    @Override
    public void readLog(ReadLogRequest request, StreamObserver<ReadLogResponse> responses) {
        duty(request, checks::readLog, PeerCalls::readLog, responses);
    }

    @Override
    public void reportBranch(ReportBranchRequest request, StreamObserver<ReportBranchResponse> responses) {
        duty(request, checks::reportBranch, PeerCalls::reportBranch, responses);
    }

    @Override
    public void handover(HandoverRequest request, StreamObserver<HandoverResponse> responses) {
        MoveAnswers<HandoverResponse> answers = new MoveAnswers<>(
                droppedIfGone(responses),
                request.getTellSteps(),
                step -> HandoverResponse.newBuilder().setStep(step).build());
        carryOut(
                request,
                checks::handover,
                (core, asked, timeout) -> core.handover(asked, timeout, answers::step),
                answers);
    }

    @Override
    public void failover(FailoverRequest request, StreamObserver<FailoverResponse> responses) {
        MoveAnswers<FailoverResponse> answers = new MoveAnswers<>(
                droppedIfGone(responses),
                request.getTellSteps(),
                step -> FailoverResponse.newBuilder().setStep(step).build());
        carryOut(
                request,
                checks::failover,
                (core, asked, timeout) -> core.failover(asked, timeout, answers::step),
                answers);
    }

    /** What the core does for a peer that asks. */
    @FunctionalInterface
    private interface Duty<Q, R> {
        CompletionStage<R> call(PeerCalls core, Q request, Duration timeout);
    }

    private <Q, R> void duty(Q request, Consumer<Q> check, Duty<Q, R> duty, StreamObserver<R> responses) {
        carryOut(request, check, duty, droppedIfGone(responses));
    }

    /** With a handler, an answer to a region that went away is dropped rather than thrown at us. */
    private static <R> StreamObserver<R> droppedIfGone(StreamObserver<R> responses) {
        ((ServerCallStreamObserver<R>) responses).setOnCancelHandler(() -> {});
        return responses;
    }

    private <Q, R> void carryOut(Q request, Consumer<Q> check, Duty<Q, R> duty, StreamObserver<R> responses) {
        Running now = serving(responses);
        if (now == null) {
            return;
        }
        try {
            check.accept(request);
        } catch (IllegalArgumentException e) {
            refuse(responses, e.getMessage());
            return;
        }
        Duration timeout = timeLeft();
        Ports.ask(() -> duty.call(now.ports().duties(), request, timeout), timeout, (response, failure) -> {
            if (response == null) {
                responses.onError(failed(failure).asRuntimeException());
                return;
            }
            responses.onNext(response);
            responses.onCompleted();
        });
    }

    private Status failed(@Nullable Throwable failure) {
        if (failure == null) {
            return Status.INTERNAL.withDescription("region " + settings.self() + " has no answer");
        }
        Throwable cause = Ports.cause(failure);
        return switch (cause) {
            case StatusRuntimeException told -> told.getStatus();
            case IllegalArgumentException bad -> Status.INVALID_ARGUMENT.withDescription(bad.getMessage());
            case TimeoutException late ->
                Status.DEADLINE_EXCEEDED.withDescription("region " + settings.self() + " did not answer in time");
            default -> Status.UNAVAILABLE.withDescription("region " + settings.self() + ": " + Ports.reason(cause));
        };
    }

    /** Hears what comes on a stream that was refused. */
    private static final class Deaf<T> implements StreamObserver<T> {
        @Override
        public void onNext(T message) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }
}
