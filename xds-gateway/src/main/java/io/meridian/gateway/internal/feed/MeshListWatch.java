package io.meridian.gateway.internal.feed;

import io.grpc.Channel;
import io.meridian.api.feed.v1.EventFeedGrpc;
import io.meridian.api.feed.v1.WatchMeshesRequest;
import io.meridian.api.feed.v1.WatchMeshesResponse;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which meshes the region holds, at once and at each change; asked again whenever the core was away. */
public final class MeshListWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MeshListWatch.class);

    private final FeedSubscription<WatchMeshesRequest, WatchMeshesResponse> subscription;
    private final Consumer<Set<MeshId>> listener;

    /** {@code listener} is called on {@code executor}, which must be a single thread. */
    public MeshListWatch(
            Channel feed,
            ScheduledExecutorService executor,
            FeedTiming timing,
            RandomGenerator random,
            Consumer<Set<MeshId>> listener) {
        this.listener = listener;
        subscription = new FeedSubscription<>(
                "meshes",
                feed,
                EventFeedGrpc.getWatchMeshesMethod(),
                WatchMeshesRequest::getDefaultInstance,
                this::take,
                executor,
                new Backoff(timing.firstBackoff(), timing.mostBackoff(), random),
                // The list is told when it changes, which may be never.
                Duration.ZERO);
    }

    public void start() {
        subscription.start();
    }

    private FeedSubscription.Verdict take(WatchMeshesResponse response) {
        Set<MeshId> meshes = new TreeSet<>();
        for (String name : response.getMeshesList()) {
            if (MeshId.isValid(name)) {
                meshes.add(new MeshId(name));
            } else {
                LOG.warn("the core names a mesh that cannot be one, passed over name={}", name);
            }
        }
        listener.accept(Set.copyOf(meshes));
        return FeedSubscription.Verdict.WELL;
    }

    @Override
    public void close() {
        subscription.close();
    }
}
