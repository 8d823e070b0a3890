package io.meridian.core.feed;

import com.google.protobuf.Timestamp;
import io.grpc.SynchronizationContext;
import io.grpc.stub.ServerCallStreamObserver;
import io.meridian.api.feed.v1.EventBatch;
import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.feed.v1.InventoryUpdate;
import io.meridian.api.feed.v1.Progress;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.core.Inventories;
import io.meridian.core.MeshLog;
import io.meridian.core.MeshStates;
import io.meridian.core.rpc.Errors;
import io.meridian.core.rpc.LogTail;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.position.MeshId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of Subscribe. All its state is owned by {@code sync}; ports, timer and stream only put work into it. Whatever is sent is sent when
 * the stream is ready: at most one snapshot, one read of the log or one message of inventory is in memory beside what HTTP/2's window holds.
 */
final class FeedSession implements LogTail.Sink {
    private static final Logger LOG = LoggerFactory.getLogger(FeedSession.class);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(10);

    private final MeshId mesh;
    private final Held held;
    private final MeshLog log;
    private final MeshStates states;
    private final Inventories inventories;
    private final ServerCallStreamObserver<FeedMessage> observer;
    private final SynchronizationContext sync;
    private final LogTail tail;
    private final InventoryStream inventory = new InventoryStream();
    private MeshLog.@Nullable Subscription inventoryWatch;
    private @Nullable ScheduledFuture<?> ticks;
    /** Snapshot that waits for the stream to be ready. */
    private @Nullable MeshState snapshot;
    /** The head when the call came, to be reached before the first progress. */
    private @Nullable Head goal;

    private boolean caughtUp;
    private boolean ended;

    /** On the call's thread, before its method returns. */
    FeedSession(
            MeshId mesh,
            Held held,
            MeshLog log,
            MeshStates states,
            Inventories inventories,
            ServerCallStreamObserver<FeedMessage> observer) {
        this.mesh = mesh;
        this.held = held;
        this.log = log;
        this.states = states;
        this.inventories = inventories;
        this.observer = observer;
        this.sync = new SynchronizationContext((thread, failure) -> fail(failure));
        this.tail = new LogTail(log, mesh, sync, this);
        observer.setOnReadyHandler(() -> sync.execute(this::pump));
        observer.setOnCancelHandler(() -> sync.execute(this::end));
    }

    void start(ScheduledExecutorService timer, Duration idleProgress, Duration patience) {
        sync.execute(() -> {
            ticks = timer.scheduleWithFixedDelay(
                    () -> sync.execute(this::tick),
                    idleProgress.toMillis(),
                    idleProgress.toMillis(),
                    TimeUnit.MILLISECONDS);
            then(newest(), newest -> awaitHeld(newest, patience));
        });
    }

    /**
     * A region that was restored from an old disk holds less than its gateways for a moment, until it has fetched what it lacks: nothing is
     * taken from them before.
     */
    private void awaitHeld(MeshState newest, Duration patience) {
        if (newest.head().isEmpty() || !held.isBeyond(newest.head().position())) {
            onNewest(newest);
            return;
        }
        LOG.info("feed waits, the subscriber holds more mesh={} held={}", mesh, held.position(mesh));
        then(states.latest(mesh, Optional.of(held.position(mesh)), patience), read -> {
            if (read instanceof MeshStates.Read.Found(var state)) {
                onNewest(state);
            } else {
                LOG.warn("feed goes back, this region does not have it mesh={} held={}", mesh, held.position(mesh));
                then(newest(), this::onNewest);
            }
        });
    }

    private CompletionStage<MeshState> newest() {
        return states.latest(mesh, Optional.empty(), READ_TIMEOUT)
                .thenApply(read -> read instanceof MeshStates.Read.Found(var state) ? state : MeshState.empty(mesh));
    }

    private void onNewest(MeshState newest) {
        if (newest.head().isEmpty()) {
            fail(Errors.notFound(
                    RejectionCode.MESH_NOT_FOUND,
                    "Mesh",
                    "meshes/" + mesh,
                    "there is no mesh " + mesh + " in this region"));
            return;
        }
        goal = newest.head();
        if (held.isNothing() || held.seq() > newest.head().position().seq()) {
            begin(newest);
        } else {
            then(log.read(mesh, held.seq() - 1, 1), events -> {
                if (!events.isEmpty() && held.is(events.getFirst())) {
                    tail.start(events.getFirst().head());
                    pump();
                } else {
                    begin(newest);
                }
            });
        }
        // First the changes, then everything: what changes in between is in both, and the newest record counts.
        inventoryWatch = inventories.watch((of, cluster, records) -> {
            if (of.equals(mesh)) {
                sync.execute(() -> onInventory(cluster, records));
            }
        });
        if (ended) {
            inventoryWatch.close();
        }
        then(inventories.all(mesh), all -> {
            inventory.all(all, newest.clusters().keySet());
            pump();
        });
    }

    private void begin(MeshState state) {
        snapshot = state;
        pump();
    }

    private void onInventory(String cluster, List<InventoryRecord> records) {
        inventory.changed(cluster, records);
        pump();
    }

    /** Sends what may be sent; called whenever something came or the stream can take more. */
    private void pump() {
        if (ended || !observer.isReady()) {
            return;
        }
        if (snapshot != null) {
            MeshState state = snapshot;
            snapshot = null;
            send(FeedMessage.newBuilder().setSnapshot(SnapshotCodec.toProto(state)));
            tail.start(state.head());
        }
        tail.pump();
        // Inventory says nothing to who has no mesh yet.
        while (tail.delivered() != null && observer.isReady()) {
            Optional<InventoryUpdate> next = inventory.next();
            if (next.isEmpty()) {
                break;
            }
            send(FeedMessage.newBuilder().setInventory(next.get()));
        }
        if (!caughtUp && hasGoal() && isIdle()) {
            caughtUp = true;
            sendProgress();
        }
    }

    private boolean hasGoal() {
        Head has = tail.delivered();
        return goal != null
                && has != null
                && has.position().seq() >= goal.position().seq();
    }

    private boolean isIdle() {
        return snapshot == null && inventory.isComplete() && inventory.isEmpty();
    }

    private void tick() {
        if (!ended && caughtUp && isIdle() && tail.isCaughtUp() && observer.isReady()) {
            sendProgress();
        }
    }

    private void sendProgress() {
        Head has = tail.delivered();
        if (has != null) {
            Instant now = Instant.now();
            send(FeedMessage.newBuilder()
                    .setProgress(Progress.newBuilder()
                            .setHead(has.position().toProto())
                            .setAt(Timestamp.newBuilder()
                                    .setSeconds(now.getEpochSecond())
                                    .setNanos(now.getNano()))));
        }
    }

    private void send(FeedMessage.Builder message) {
        observer.onNext(message.build());
    }

    @Override
    public boolean isReady() {
        return !ended && observer.isReady();
    }

    @Override
    public void onEvents(List<EventEnvelope> events) {
        EventBatch.Builder batch = EventBatch.newBuilder();
        events.forEach(event -> batch.addEnvelopes(event.toProto()));
        send(FeedMessage.newBuilder().setEvents(batch));
        sync.execute(this::pump);
    }

    /** What was sent is no longer true: a snapshot replaces it. */
    @Override
    public void onBranchChanged(Head delivered) {
        LOG.warn("feed begins again, the branch changed mesh={} delivered={}", mesh, delivered.position());
        then(newest(), this::begin);
    }

    @Override
    public void onFailure(Throwable failure) {
        fail(failure);
    }

    private <T> void then(CompletionStage<T> stage, Consumer<T> next) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        var _ = future.whenComplete((value, failure) -> sync.execute(() -> {
            if (ended) {
                return;
            }
            if (failure != null) {
                fail(failure);
            } else {
                next.accept(value);
            }
        }));
    }

    private void fail(Throwable failure) {
        if (!ended) {
            end();
            observer.onError(Errors.of(failure));
        }
    }

    private void end() {
        ended = true;
        tail.close();
        if (inventoryWatch != null) {
            inventoryWatch.close();
        }
        if (ticks != null) {
            ticks.cancel(false);
        }
    }
}
