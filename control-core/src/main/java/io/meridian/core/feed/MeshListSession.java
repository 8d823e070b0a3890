package io.meridian.core.feed;

import io.grpc.SynchronizationContext;
import io.grpc.stub.ServerCallStreamObserver;
import io.meridian.api.feed.v1.WatchMeshesResponse;
import io.meridian.core.MeshLog;
import io.meridian.core.rpc.Errors;
import io.meridian.model.position.MeshId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One call of WatchMeshes. State is owned by {@code sync}; a reader that is slow gets the newest list only. */
final class MeshListSession {
    private final ServerCallStreamObserver<WatchMeshesResponse> observer;
    private final SynchronizationContext sync;
    private MeshLog.@Nullable Subscription subscription;
    private @Nullable Set<MeshId> unsent;
    private boolean ended;

    MeshListSession(ServerCallStreamObserver<WatchMeshesResponse> observer) {
        this.observer = observer;
        this.sync = new SynchronizationContext((thread, failure) -> fail(failure));
        observer.setOnReadyHandler(() -> sync.execute(this::send));
        observer.setOnCancelHandler(() -> sync.execute(this::end));
    }

    void start(MeshLog log) {
        sync.execute(() -> subscription = log.watchMeshes(meshes -> sync.execute(() -> {
            unsent = meshes;
            send();
        })));
    }

    private void send() {
        if (!ended && unsent != null && observer.isReady()) {
            WatchMeshesResponse.Builder list = WatchMeshesResponse.newBuilder();
            unsent.stream().sorted().forEach(mesh -> list.addMeshes(mesh.value()));
            unsent = null;
            observer.onNext(list.build());
        }
    }

    private void fail(Throwable failure) {
        if (!ended) {
            end();
            observer.onError(Errors.of(failure));
        }
    }

    private void end() {
        ended = true;
        if (subscription != null) {
            subscription.close();
        }
    }
}
