package io.meridian.replicator.internal;

import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.meridian.api.replication.v1.ListProxiesRequest;
import io.meridian.api.replication.v1.ListProxiesResponse;
import io.meridian.api.replication.v1.ProxyConfigRequest;
import io.meridian.api.replication.v1.ProxyConfigResponse;
import io.meridian.api.replication.v1.RegionPeerGrpc;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.core.PeerCalls;
import io.meridian.core.PeerRegions;
import io.meridian.core.ProxyDirectory.ConfigQuery;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.replicator.ReplicatorSettings.PeerSettings;
import io.meridian.replicator.core.HeadTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Another region over its gRPC channel. Thread-safe; owns the channel. */
public final class PeerLink implements PeerRegions.Peer, AutoCloseable {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final PeerSettings settings;
    private final ManagedChannel channel;
    private final Duration silence;
    private final Supplier<HeadTable> table;
    private final Supplier<String> transport;
    private final PeerCalls calls;
    private final long startedNanos = System.nanoTime();
    private volatile long heardNanos;
    private volatile boolean everHeard;

    /** {@code silence}: after so long without a word it is unreachable. {@code transport}: how its events come, for people. */
    public PeerLink(
            PeerSettings settings,
            ManagedChannel channel,
            Duration silence,
            Supplier<HeadTable> table,
            Supplier<String> transport) {
        this.settings = settings;
        this.channel = channel;
        this.silence = silence;
        this.table = table;
        this.transport = transport;
        calls = new RemoteCalls(settings.id(), this::stub);
    }

    RegionPeerGrpc.RegionPeerStub stub() {
        // Our own backoff decides when to try; the channel's grows to minutes.
        channel.resetConnectBackoff();
        return RegionPeerGrpc.newStub(channel);
    }

    /**
     * The peer spoke.
     *
     * @return whether it was unreachable before
     */
    boolean spoke() {
        boolean back = !reachable();
        heardNanos = System.nanoTime();
        everHeard = true;
        return back;
    }

    @Override
    public RegionId id() {
        return settings.id();
    }

    @Override
    public boolean reachable() {
        return everHeard && silentFor().compareTo(silence) <= 0;
    }

    @Override
    public Duration silentFor() {
        return Duration.ofNanos(System.nanoTime() - (everHeard ? heardNanos : startedNanos));
    }

    @Override
    public Optional<Head> lastKnownHead(MeshId mesh) {
        return table.get().peerHead(id(), mesh);
    }

    @Override
    public boolean heard() {
        return table.get().heard(id());
    }

    @Override
    public Epoch promised(MeshId mesh) {
        return table.get().promised(id(), mesh);
    }

    @Override
    public boolean witness() {
        return settings.witness();
    }

    @Override
    public boolean reserve() {
        return settings.reserve();
    }

    @Override
    public PeerCalls calls() {
        return calls;
    }

    @Override
    public CompletionStage<CommandOutcome> execute(CommandRequest request, Epoch expectedEpoch, Duration timeout) {
        return new ForwardedCommand(id(), request, expectedEpoch).send(stub(), timeout);
    }

    /** Fails if the region does not answer in time. */
    @Override
    public CompletionStage<List<ProxyStatus>> proxies(Optional<MeshId> mesh, Duration timeout) {
        CompletableFuture<List<ProxyStatus>> answer = new CompletableFuture<>();
        ListProxiesRequest request = ListProxiesRequest.newBuilder()
                .setMesh(mesh.map(MeshId::value).orElse(""))
                .build();
        stub().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .listProxies(request, new StreamObserver<ListProxiesResponse>() {
                    @Override
                    public void onNext(ListProxiesResponse response) {
                        List<ProxyStatus> all = new ArrayList<>(response.getProxiesList());
                        all.addAll(response.getDepartedList());
                        answer.complete(List.copyOf(all));
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {
                        answer.completeExceptionally(new IllegalStateException("region " + id() + " answered nothing"));
                    }
                });
        return answer;
    }

    /** Fails with what the region answered, or if it does not answer in time. */
    @Override
    public CompletionStage<List<ServedResource>> served(ConfigQuery query, Duration timeout) {
        CompletableFuture<List<ServedResource>> answer = new CompletableFuture<>();
        ProxyConfigRequest request = ProxyConfigRequest.newBuilder()
                .setMesh(query.mesh().value())
                .setNode(query.node())
                .addAllTypes(query.types())
                .setName(query.name())
                .build();
        stub().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS).proxyConfig(request, new Gathering(answer));
        return answer;
    }

    /** Puts the parts of an answer together; what is too large fails. */
    private static final class Gathering implements ClientResponseObserver<ProxyConfigRequest, ProxyConfigResponse> {
        private final CompletableFuture<List<ServedResource>> answer;
        private final List<ServedResource> parts = new ArrayList<>();
        private @Nullable ClientCallStreamObserver<ProxyConfigRequest> call;
        private long bytes;

        private Gathering(CompletableFuture<List<ServedResource>> answer) {
            this.answer = answer;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<ProxyConfigRequest> started) {
            call = started;
        }

        @Override
        public void onNext(ProxyConfigResponse response) {
            bytes += response.getSerializedSize();
            if (bytes > ConfigQuery.MOST_ANSWER_BYTES) {
                answer.completeExceptionally(ConfigQuery.tooLarge());
                if (call != null) {
                    call.cancel("too large", null);
                }
                return;
            }
            parts.addAll(response.getResourcesList());
        }

        @Override
        public void onError(Throwable failure) {
            answer.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            answer.complete(List.copyOf(parts));
        }
    }

    @Override
    public String transport() {
        return transport.get();
    }

    @Override
    public String adminAddress() {
        return settings.adminAddress();
    }

    @Override
    public String xdsAddress() {
        return settings.xdsAddress();
    }

    /** Waits a moment for what runs on the channel, so that its threads may end afterwards. */
    @Override
    public void close() {
        try {
            channel.shutdownNow().awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
