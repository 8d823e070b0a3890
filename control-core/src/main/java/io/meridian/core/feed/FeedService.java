package io.meridian.core.feed;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.meridian.api.feed.v1.EventFeedGrpc;
import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.feed.v1.ProxyReportAck;
import io.meridian.api.feed.v1.SubscribeRequest;
import io.meridian.api.feed.v1.WatchMeshesRequest;
import io.meridian.api.feed.v1.WatchMeshesResponse;
import io.meridian.core.Inventories;
import io.meridian.core.MeshLog;
import io.meridian.core.MeshStates;
import io.meridian.core.ProxyDirectory;
import io.meridian.core.rpc.Errors;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * EventFeed. Thread-safe. Serve it behind {@link io.meridian.core.rpc.Entrance}. Its one thread only tells the time to the sessions; close
 * it after the server.
 */
public final class FeedService extends EventFeedGrpc.EventFeedImplBase implements AutoCloseable {
    /** Between two words to a subscriber that has everything. */
    public static final Duration IDLE_PROGRESS = Duration.ofSeconds(2);

    /** How long a subscriber that holds more than this region waits for the region to have it too. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final MeshStates states;
    private final MeshLog log;
    private final Inventories inventories;
    private final GatewayReports reports;
    private final Duration idleProgress;
    private final Duration patience;
    private final ScheduledExecutorService timer;

    public FeedService(MeshStates states, MeshLog log, Inventories inventories, ProxyDirectory proxies) {
        this(states, log, inventories, proxies, IDLE_PROGRESS, PATIENCE);
    }

    FeedService(
            MeshStates states,
            MeshLog log,
            Inventories inventories,
            ProxyDirectory proxies,
            Duration idleProgress,
            Duration patience) {
        this.states = states;
        this.log = log;
        this.inventories = inventories;
        this.reports = new GatewayReports(proxies);
        this.idleProgress = idleProgress;
        this.patience = patience;
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("meridian-feed-timer").factory());
    }

    @Override
    public void watchMeshes(WatchMeshesRequest request, StreamObserver<WatchMeshesResponse> observer) {
        new MeshListSession((ServerCallStreamObserver<WatchMeshesResponse>) observer).start(log);
    }

    @Override
    public void subscribe(SubscribeRequest request, StreamObserver<FeedMessage> observer) {
        if (!MeshId.isValid(request.getMesh())) {
            throw Errors.invalid("mesh", "\"" + request.getMesh() + "\" is not a mesh's name (a DNS label)");
        }
        MeshId mesh = new MeshId(request.getMesh());
        new FeedSession(mesh, Held.of(request), log, states, inventories, (ServerCallStreamObserver<FeedMessage>)
                        observer)
                .start(timer, idleProgress, patience);
    }

    @Override
    public StreamObserver<ProxyReport> reportProxies(StreamObserver<ProxyReportAck> observer) {
        return reports.open((ServerCallStreamObserver<ProxyReportAck>) observer);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
