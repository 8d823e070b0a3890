package io.meridian.core.rpc;

import io.grpc.SynchronizationContext;
import io.meridian.core.MeshLog;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Head;
import io.meridian.model.position.MeshId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows one mesh's log into a stream whose reader may be slow. It reads when the stream can take more and never ahead of it: at most one
 * read's events are in memory (about 1 MiB), and they are handed on at once.
 *
 * <p>Owned by one {@link SynchronizationContext}, in which every method must be called and in which the sink is called.
 */
public final class LogTail implements AutoCloseable {
    /** Events in one read. */
    private static final int BATCH = 256;

    /** Where a head was told whose events could not be read yet. */
    private static final Executor RETRY = CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS);

    /** Where the events go. */
    public interface Sink {
        boolean isReady();

        /** The next ones: in order, without gaps, never empty. */
        void onEvents(List<EventEnvelope> events);

        /** What was delivered is not on the current branch any more. The tail rests until {@link #start} is called again. */
        void onBranchChanged(Head delivered);

        /** The log cannot be read. The tail is closed. */
        void onFailure(Throwable failure);
    }

    private final MeshLog log;
    private final MeshId mesh;
    private final SynchronizationContext sync;
    private final Sink sink;
    private MeshLog.@Nullable Subscription subscription;
    private @Nullable Head delivered;
    private Head head;
    private boolean reading;
    private boolean closed;

    public LogTail(MeshLog log, MeshId mesh, SynchronizationContext sync, Sink sink) {
        this.log = log;
        this.mesh = mesh;
        this.sync = sync;
        this.sink = sink;
        this.head = Head.empty(mesh);
    }

    /** Begins, or begins again, behind {@code from}, which the receiver holds. */
    public void start(Head from) {
        delivered = from;
        if (subscription == null && !closed) {
            subscription = log.watchHead(mesh, told -> sync.execute(() -> onHead(told)));
        }
        pump();
    }

    /** The stream may take more. */
    public void pump() {
        if (closed || reading || delivered == null || !sink.isReady()) {
            return;
        }
        if (head.position().seq() > delivered.position().seq()) {
            reading = true;
            Head after = delivered;
            var _ = log.read(mesh, after.position().seq(), BATCH)
                    .whenComplete((events, failure) -> sync.execute(() -> onRead(after, events, failure)));
        }
    }

    /** Whether the receiver was given everything that is known to be there. */
    public boolean isCaughtUp() {
        return delivered != null
                && delivered.position().seq() >= head.position().seq();
    }

    /** What the receiver holds; null before {@link #start}. */
    public @Nullable Head delivered() {
        return delivered;
    }

    @Override
    public void close() {
        closed = true;
        if (subscription != null) {
            subscription.close();
        }
    }

    private void onHead(Head told) {
        if (closed) {
            return;
        }
        Head has = delivered;
        if (has != null && isBranch(has, told)) {
            head = told;
            changeBranch(has);
            return;
        }
        // A head may be told later than the state that was read meanwhile: an older one of the same epoch says nothing.
        if (told.position().compareTo(head.position()) > 0) {
            head = told;
        }
        pump();
    }

    private void onRead(Head after, @Nullable List<EventEnvelope> events, @Nullable Throwable failure) {
        reading = false;
        if (closed) {
            return;
        }
        if (failure != null || events == null) {
            close();
            sink.onFailure(failure == null ? new IllegalStateException("a read brought nothing") : failure);
        } else if (!after.equals(delivered)) {
            pump();
        } else if (events.isEmpty()) {
            RETRY.execute(() -> sync.execute(this::pump));
        } else if (continues(after, events.getFirst())) {
            delivered = events.getLast().head();
            sink.onEvents(events);
            pump();
        } else {
            changeBranch(after);
        }
    }

    /** A newer epoch that does not go beyond what was delivered began before it. */
    private static boolean isBranch(Head has, Head told) {
        return told.position().epoch().compareTo(has.position().epoch()) > 0
                && told.position().seq() <= has.position().seq();
    }

    private static boolean continues(Head after, EventEnvelope next) {
        return next.seq() == after.position().seq() + 1 && next.prevHash().equals(after.hash());
    }

    private void changeBranch(Head was) {
        delivered = null;
        sink.onBranchChanged(was);
    }
}
