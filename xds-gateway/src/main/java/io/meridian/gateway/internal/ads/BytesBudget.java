package io.meridian.gateway.internal.ads;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Response bytes that were handed to the transport and not yet taken by the clients, over all streams. A storm of connecting proxies is let
 * in by what it has on the way, not by a rate: first come, first served, and nobody overtakes who waits. Thread-safe.
 *
 * <p>What clients do not read for a while is counted apart, up to as much again: it does not hold up those who read, and together they stay
 * below twice the limit, but for one response per stream that was let in.
 */
final class BytesBudget {
    /** What is set aside for a turn until its response is counted. */
    private static final long LARGEST_TURN = 1 << 20;

    private static final int LEAST_TURNS = 8;

    private final long limit;
    private final long turnBytes;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong unread = new AtomicLong();
    private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    BytesBudget(long limit) {
        this.limit = limit;
        turnBytes = Math.max(1, Math.min(LARGEST_TURN, limit / LEAST_TURNS));
    }

    /** Whether one who did not wait may send. One response may overdraw it; so one larger than the whole budget goes out alone. */
    boolean hasRoom() {
        return used.get() < limit && waiting.isEmpty();
    }

    void take(long bytes) {
        used.addAndGet(bytes);
    }

    void giveBack(long bytes) {
        if (bytes == 0) {
            return;
        }
        used.addAndGet(-bytes);
        giveTurns();
    }

    /** Calls {@code turn} once, when there is room and all who came before had theirs; from any thread. {@link #endTurn} has to follow. */
    void await(Runnable turn) {
        waiting.add(turn);
        giveTurns();
    }

    /** The one whose turn it was has counted what it sends, or sends nothing. */
    void endTurn() {
        giveBack(turnBytes);
    }

    private void giveTurns() {
        while (used.get() < limit) {
            // Set aside first, so that two threads do not both give away what is left.
            used.addAndGet(turnBytes);
            Runnable next = waiting.poll();
            if (next == null) {
                used.addAndGet(-turnBytes);
                if (waiting.isEmpty()) {
                    return;
                }
            } else {
                next.run();
            }
        }
    }

    /** These bytes are not read; false if too many are already, and their stream has to end. */
    boolean setApart(long bytes) {
        if (unread.addAndGet(bytes) > limit) {
            unread.addAndGet(-bytes);
            return false;
        }
        giveBack(bytes);
        return true;
    }

    /** Bytes that were set apart were read after all, or their stream ended. */
    void readAfterAll(long bytes) {
        unread.addAndGet(-bytes);
    }

    /** All that is on the way. */
    long used() {
        return used.get() + unread.get();
    }
}
