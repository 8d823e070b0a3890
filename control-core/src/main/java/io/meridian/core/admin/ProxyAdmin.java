package io.meridian.core.admin;

import com.google.protobuf.util.Durations;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.GetProxyConfigRequest;
import io.meridian.api.admin.v1.ListProxiesRequest;
import io.meridian.api.admin.v1.ListProxiesResponse;
import io.meridian.api.admin.v1.ProxyConfigPart;
import io.meridian.api.admin.v1.ProxyServiceGrpc;
import io.meridian.api.admin.v1.WaitProxiesRequest;
import io.meridian.api.admin.v1.WaitProxiesResponse;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.core.MeshStates;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** ProxyService. */
final class ProxyAdmin extends ProxyServiceGrpc.ProxyServiceImplBase {
    static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    /** For the last look at the proxies. */
    private static final Duration SPARE = Duration.ofSeconds(3);

    private final Reads reads;
    private final MeshStates states;
    private final Proxies proxies;
    private final ProxyConfigs configs;

    ProxyAdmin(Reads reads, MeshStates states, Proxies proxies, ProxyConfigs configs) {
        this.reads = reads;
        this.states = states;
        this.proxies = proxies;
        this.configs = configs;
    }

    @Override
    public void listProxies(ListProxiesRequest request, StreamObserver<ListProxiesResponse> observer) {
        Answers.answer(observer, () -> {
            Call call = Call.current();
            MeshId mesh = Names.mesh("parent", request.getParent());
            return reads.active(mesh, Optional.empty(), call)
                    .thenCombine(
                            proxies.list(mesh, call),
                            (state, found) -> ListProxiesResponse.newBuilder()
                                    .addAllProxies(found.proxies())
                                    .addAllDeparted(found.departed())
                                    .addAllUnreachableRegions(found.unreachable())
                                    .setHead(state.head().position().toProto())
                                    .build());
        });
    }

    @Override
    public void waitProxies(WaitProxiesRequest request, StreamObserver<WaitProxiesResponse> observer) {
        Call call = Call.current(timeout(request).plus(SPARE));
        Answers.answerBlocking(observer, call, () -> {
            MeshId mesh = Names.mesh("parent", request.getParent());
            Position position = Names.eventPosition("position", request.getPosition(), mesh);
            Call wait = new Call(
                    call.actor(),
                    System.nanoTime() + call.remaining(timeout(request)).toNanos());
            var _ = Answers.await(reads.active(mesh, Optional.empty(), call), call);
            return await(position, wait, call);
        });
    }

    @Override
    public void getProxyConfig(GetProxyConfigRequest request, StreamObserver<ProxyConfigPart> observer) {
        Call call = Call.current();
        Answers.streamBlocking(observer, call, () -> configs.get(request, call));
    }

    private static Duration timeout(WaitProxiesRequest request) {
        if (!request.hasTimeout()) {
            return DEFAULT_WAIT;
        }
        if (!Durations.isValid(request.getTimeout()) || !Durations.isPositive(request.getTimeout())) {
            throw Errors.invalid("timeout", "must be a positive duration");
        }
        return Duration.ofSeconds(
                request.getTimeout().getSeconds(), request.getTimeout().getNanos());
    }

    /** Asks again and again, in growing steps: proxies are volatile, and what they hold is told by regions that may come and go. */
    private WaitProxiesResponse await(Position position, Call wait, Call call) throws Exception {
        CompletableFuture<MeshStates.Read> branch = states.latest(
                        position.mesh(), Optional.of(position), wait.remaining())
                .toCompletableFuture();
        Duration pause = FIRST_PAUSE;
        while (true) {
            Proxies.Everywhere found = Answers.await(proxies.list(position.mesh(), call), call);
            List<ProxyStatus> pending = found.proxies().stream()
                    .filter(proxy -> !holds(proxy, position))
                    .toList();
            boolean done = isHeld(branch, position) && pending.isEmpty() && nothingToWaitFor(found);
            if (done || wait.isOver()) {
                return WaitProxiesResponse.newBuilder()
                        .setDone(done)
                        .setProxies(found.proxies().size())
                        .addAllPending(pending)
                        .addAllUnreachableRegions(found.unreachable())
                        .build();
            }
            Thread.sleep(wait.remaining(pause));
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    /** A position that this region does not hold is not in force anywhere that we know of, even where no proxy is connected. */
    private static boolean isHeld(CompletableFuture<MeshStates.Read> branch, Position position) throws Exception {
        if (!branch.isDone()) {
            return false;
        }
        return switch (branch.get()) {
            case MeshStates.Read.Found(var state) -> true;
            case MeshStates.Read.Behind(var held) -> false;
            case MeshStates.Read.RolledBack(var asked) -> throw Errors.rolledBack(position);
        };
    }

    /** A region that has been silent has no connected proxies that we could know; one that only failed to answer now may have. */
    private static boolean nothingToWaitFor(Proxies.Everywhere found) {
        Set<String> answersNot = new HashSet<>(found.unreachable());
        found.silent().forEach(answersNot::remove);
        return answersNot.isEmpty();
    }

    private static boolean holds(ProxyStatus proxy, Position position) {
        io.meridian.api.type.v1.Position acknowledged = proxy.getAcknowledged();
        return acknowledged.getSeq() > 0
                && new Position(position.mesh(), new Epoch(acknowledged.getEpoch()), acknowledged.getSeq())
                        .isAtLeast(position);
    }
}
