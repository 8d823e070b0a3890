package io.meridian.core.admin;

import io.grpc.SynchronizationContext;
import io.grpc.stub.ServerCallStreamObserver;
import io.meridian.api.admin.v1.Event;
import io.meridian.api.admin.v1.EventView;
import io.meridian.core.MeshLog;
import io.meridian.core.rpc.Errors;
import io.meridian.core.rpc.LogTail;
import io.meridian.model.history.EventSummary;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.MeshId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One call of WatchEvents. Everything happens in {@code sync}; the log is read only when the stream can take more. */
final class EventWatch implements LogTail.Sink {
    private final ServerCallStreamObserver<Event> observer;
    private final EventView view;
    private final SynchronizationContext sync;
    private final LogTail tail;
    /** What was delivered, folded; only for FULL, and empty from an event on that cannot be read. */
    private Optional<MeshState> folded = Optional.empty();

    private boolean ended;

    /** On the call's thread, before its method returns. */
    EventWatch(MeshLog log, MeshId mesh, EventView view, ServerCallStreamObserver<Event> observer) {
        this.observer = observer;
        this.view = view;
        this.sync = new SynchronizationContext((thread, failure) -> fail(failure));
        this.tail = new LogTail(log, mesh, sync, this);
        observer.setOnReadyHandler(() -> sync.execute(tail::pump));
        observer.setOnCancelHandler(() -> sync.execute(this::cancelled));
    }

    /** {@code state}: what the caller holds. */
    void start(@Nullable MeshState state, @Nullable Throwable failure) {
        sync.execute(() -> {
            if (ended) {
                return;
            }
            if (state == null) {
                fail(failure == null ? new IllegalStateException("a read brought nothing") : failure);
                return;
            }
            folded = view == EventView.FULL ? Optional.of(state) : Optional.empty();
            tail.start(state.head());
        });
    }

    @Override
    public boolean isReady() {
        return observer.isReady();
    }

    @Override
    public void onEvents(List<EventEnvelope> events) {
        for (EventEnvelope envelope : events) {
            EventSummary summary = EventViews.summary(envelope);
            if (view == EventView.FULL) {
                EventViews.Shown shown = EventViews.full(envelope, summary, folded);
                folded = shown.after();
                observer.onNext(shown.event());
            } else {
                observer.onNext(EventViews.show(envelope, summary, view));
            }
        }
    }

    @Override
    public void onBranchChanged(Head delivered) {
        fail(Errors.rolledBack(delivered.position()));
    }

    @Override
    public void onFailure(Throwable failure) {
        fail(failure);
    }

    private void fail(Throwable failure) {
        if (!ended) {
            ended = true;
            tail.close();
            observer.onError(Errors.of(failure));
        }
    }

    private void cancelled() {
        ended = true;
        tail.close();
    }
}
