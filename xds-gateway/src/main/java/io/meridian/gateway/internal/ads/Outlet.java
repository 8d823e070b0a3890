package io.meridian.gateway.internal.ads;

import io.grpc.ServerCall;
import io.meridian.gateway.internal.protocol.Outgoing;
import java.time.Duration;

/**
 * The way to one client: lets a response go when transport and budget have room, and knows how long the client has not read. Confined to
 * the stream's loop.
 */
final class Outlet {
    static final long NEVER = Long.MAX_VALUE;
    /** What is not read for so long is counted apart from what moves. */
    private static final Duration SLOW = Duration.ofSeconds(1);

    /** Calls the stream back on its loop; from any thread. */
    @FunctionalInterface
    interface Waker {
        void wake(Runnable task);
    }

    private final ServerCall<?, Outgoing> call;
    private final BytesBudget budget;
    private final long slowNanos;
    private final long limitNanos;
    private final Waker waker;
    private final Runnable again;

    private long queuedBytes;
    private long apartBytes;
    private long stalledSinceNanos;
    private boolean waits;
    private boolean closed;

    /** {@code again}: what has to be done when there is room again, under {@code waker}. */
    Outlet(ServerCall<?, Outgoing> call, BytesBudget budget, Duration limit, Waker waker, Runnable again) {
        this.call = call;
        this.budget = budget;
        this.waker = waker;
        this.again = again;
        limitNanos = limit.toNanos();
        slowNanos = Math.min(SLOW.toNanos(), limitNanos);
    }

    /** Whether a response may go now; if not for want of room in the budget, {@code again} follows. */
    boolean open() {
        if (closed || !call.isReady()) {
            return false;
        }
        release();
        if (budget.hasRoom()) {
            return true;
        }
        if (!waits) {
            waits = true;
            budget.await(() -> waker.wake(this::turn));
        }
        return false;
    }

    private void turn() {
        waits = false;
        try {
            if (!closed) {
                again.run();
            }
        } finally {
            budget.endTurn();
        }
    }

    /** A response was handed to the transport: it counts unless the transport has room for more, and so has taken it. */
    void sent(Outgoing response, long nowNanos) {
        if (call.isReady()) {
            release();
            return;
        }
        budget.take(response.sizeBytes());
        queuedBytes += response.sizeBytes();
        if (stalledSinceNanos == 0) {
            stalledSinceNanos = Math.max(1, nowNanos);
        }
    }

    /** Where the transport is ready, it has taken what was queued, up to a few ten KB. */
    void refresh() {
        if ((queuedBytes != 0 || stalledSinceNanos != 0) && call.isReady()) {
            release();
        }
    }

    private void release() {
        stalledSinceNanos = 0;
        if (queuedBytes == 0 && apartBytes == 0) {
            return;
        }
        long bytes = queuedBytes;
        long apart = apartBytes;
        queuedBytes = 0;
        apartBytes = 0;
        if (apart > 0) {
            budget.readAfterAll(apart);
        }
        budget.giveBack(bytes);
    }

    /** When {@link #overdue} has to be asked; {@link #NEVER} if the client reads. */
    long nextCheckNanos() {
        if (stalledSinceNanos == 0) {
            return NEVER;
        }
        return stalledSinceNanos + (queuedBytes > 0 ? slowNanos : limitNanos);
    }

    /** Whether the client has to be cut off: it has not read for too long, or for a while and too many others do not read either. */
    boolean overdue(long nowNanos) {
        refresh();
        if (stalledSinceNanos == 0) {
            return false;
        }
        long stalled = nowNanos - stalledSinceNanos;
        if (stalled >= limitNanos) {
            return true;
        }
        if (stalled >= slowNanos && queuedBytes > 0) {
            long bytes = queuedBytes;
            if (!budget.setApart(bytes)) {
                return true;
            }
            queuedBytes = 0;
            apartBytes += bytes;
        }
        return false;
    }

    /** Whether it has not read for so long that it is worth telling. */
    boolean slow(long nowNanos) {
        return stalledSinceNanos != 0 && nowNanos - stalledSinceNanos >= slowNanos;
    }

    /** Bytes that the client has not read, as far as is known. */
    long unreadBytes() {
        return queuedBytes + apartBytes;
    }

    /** System.nanoTime of when it ceased to read; 0 if it reads. */
    long stalledSinceNanos() {
        return stalledSinceNanos;
    }

    void close() {
        closed = true;
        release();
    }
}
